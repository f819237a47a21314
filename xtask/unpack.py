"""Takes named members out of a zip archive and refuses those whose SHA-256 is not the one expected.

Usage: unpack.py ARCHIVE FOLDER SHA256=MEMBER...

A member that lies there already with the right hash is left alone. A new one is written beside its place and moved
there only when its hash is right, so that a file that exists is a whole one.
"""

import hashlib
import os
import sys
import zipfile


def digest(handle, copy_to=None):
    seen = hashlib.sha256()
    while block := handle.read(1 << 20):
        seen.update(block)
        if copy_to:
            copy_to.write(block)
    return seen.hexdigest()


def lies_there(path, expected):
    if not os.path.isfile(path):
        return False
    with open(path, "rb") as handle:
        return digest(handle) == expected


def take(archive, member, expected, path):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    partial = path + ".partial"
    with archive.open(member) as source, open(partial, "wb") as target:
        found = digest(source, target)
    if found != expected:
        os.remove(partial)
        sys.exit(f"{member} has the hash {found} instead of {expected}: delete the archive and fetch it again")
    os.replace(partial, path)


def main(archive_path, folder, wanted):
    missing = []
    for pair in wanted:
        expected, member = pair.split("=", 1)
        path = os.path.join(folder, *member.split("/"))
        if not lies_there(path, expected):
            missing.append((member, expected, path))
    if not missing:
        return
    try:
        with zipfile.ZipFile(archive_path) as archive:
            for member, expected, path in missing:
                take(archive, member, expected, path)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        sys.exit(f"unpacking {archive_path}: {error}: delete the archive and fetch it again")


main(sys.argv[1], sys.argv[2], sys.argv[3:])
