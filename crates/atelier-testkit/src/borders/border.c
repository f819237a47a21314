/* Stands between a program and the C library, and ends or fails the program at one chosen call.
 *
 * Loaded with LD_PRELOAD. The program knows nothing of it.
 *   BORDER_AT    = op:nth:end:part   the nth call of `op` on a path that contains `part`, or ends in it: `part$`
 *   BORDER_TRACE = FILE              every call that changes something is written down there, as `op path`
 *   op  = write sync truncate rename unlink mkdir read send
 *   end = before | half | after      the process is killed there; `half` after the first half of a write
 *       | eio | enospc               the call fails with that error
 *       | eio+ | enospc+             and so does every later one
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum end { NOTHING, BEFORE, HALF, AFTER, FAIL };

static struct {
    char op[16];
    long nth;
    enum end end;
    int error;
    int from_then_on;
    char part[256];
} border;
static int trace = -1;
static atomic_long n_met;

static void die(void) {
    syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

__attribute__((constructor)) static void begin(void) {
    const char *file = getenv("BORDER_TRACE");
    if (file)
        trace = (int)syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const char *at = getenv("BORDER_AT");
    char end[16];
    if (!at || sscanf(at, "%15[^:]:%ld:%15[^:]:%255[^\n]", border.op, &border.nth, end, border.part) != 4)
        return;
    border.from_then_on = end[strlen(end) - 1] == '+';
    if (!strcmp(end, "before")) border.end = BEFORE;
    else if (!strcmp(end, "half")) border.end = HALF;
    else if (!strcmp(end, "after")) border.end = AFTER;
    else if (!strncmp(end, "eio", 3)) border.end = FAIL, border.error = EIO;
    else if (!strncmp(end, "enospc", 6)) border.end = FAIL, border.error = ENOSPC;
}

static int fits(const char *path) {
    size_t n = strlen(border.part), m = strlen(path);
    if (!n || border.part[n - 1] != '$')
        return strstr(path, border.part) != NULL;
    return m >= n - 1 && !strncmp(path + m - (n - 1), border.part, n - 1);
}

/* What happens at this call. */
static enum end meet(const char *op, const char *path) {
    if (trace >= 0 && strcmp(op, "read")) {
        char line[512];
        int n = snprintf(line, sizeof line, "%s %s\n", op, path);
        syscall(SYS_write, trace, line, n < (int)sizeof line ? n : (int)sizeof line);
    }
    if (border.end == NOTHING || strcmp(op, border.op) || !fits(path))
        return NOTHING;
    long n = atomic_fetch_add(&n_met, 1) + 1;
    if (n != border.nth && !(border.from_then_on && n > border.nth))
        return NOTHING;
    if (border.end == BEFORE)
        die();
    if (border.end == FAIL)
        errno = border.error;
    return border.end;
}

/* The same for an open file. */
static enum end meet_fd(const char *op, int fd) {
    if (border.end == NOTHING && trace < 0)
        return NOTHING;
    int kept = errno;
    char link[64], path[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    errno = kept;
    if (strncmp(path, "socket:", 7))
        return meet(op, path);
    return !strcmp(op, "write") ? meet("send", "socket") : NOTHING;
}

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define ENDED(result) \
    do { if (end == AFTER) die(); return result; } while (0)

ssize_t write(int fd, const void *bytes, size_t n) {
    REAL(write);
    enum end end = meet_fd("write", fd);
    if (end == FAIL) return -1;
    if (end == HALF) { real(fd, bytes, n / 2); die(); }
    ssize_t done = real(fd, bytes, n);
    ENDED(done);
}

ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(writev);
    enum end end = meet_fd("write", fd);
    if (end == FAIL) return -1;
    if (end == HALF) { real(fd, parts, n > 1 ? n / 2 : n); die(); }
    ssize_t done = real(fd, parts, n);
    ENDED(done);
}

#define PWRITE(name, offset_t) \
    ssize_t name(int fd, const void *bytes, size_t n, offset_t at) { \
        REAL(name); \
        enum end end = meet_fd("write", fd); \
        if (end == FAIL) return -1; \
        if (end == HALF) { real(fd, bytes, n / 2, at); die(); } \
        ssize_t done = real(fd, bytes, n, at); \
        ENDED(done); \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t read(int fd, void *bytes, size_t n) {
    REAL(read);
    return meet_fd("read", fd) == FAIL ? -1 : real(fd, bytes, n);
}

#define PREAD(name, offset_t) \
    ssize_t name(int fd, void *bytes, size_t n, offset_t at) { \
        REAL(name); \
        return meet_fd("read", fd) == FAIL ? -1 : real(fd, bytes, n, at); \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

#define ON_FD(op, name, ...) \
    { \
        REAL(name); \
        enum end end = meet_fd(op, fd); \
        if (end == FAIL) return -1; \
        if (end == HALF) die(); \
        int done = real(__VA_ARGS__); \
        ENDED(done); \
    }
int fsync(int fd) ON_FD("sync", fsync, fd)
int fdatasync(int fd) ON_FD("sync", fdatasync, fd)
int ftruncate(int fd, off_t n) ON_FD("truncate", ftruncate, fd, n)
int ftruncate64(int fd, off64_t n) ON_FD("truncate", ftruncate64, fd, n)

#define ON_PATH(op, name, met, ...) \
    { \
        REAL(name); \
        enum end end = meet(op, met); \
        if (end == FAIL) return -1; \
        if (end == HALF) die(); \
        int done = real(__VA_ARGS__); \
        ENDED(done); \
    }
int rename(const char *from, const char *to) ON_PATH("rename", rename, to, from, to)
int unlink(const char *path) ON_PATH("unlink", unlink, path, path)
int mkdir(const char *path, mode_t mode) ON_PATH("mkdir", mkdir, path, path, mode)

ssize_t send(int fd, const void *bytes, size_t n, int flags) {
    REAL(send);
    enum end end = meet("send", "socket");
    if (end == FAIL) return -1;
    if (end == HALF) { real(fd, bytes, n / 2, flags); die(); }
    ssize_t done = real(fd, bytes, n, flags);
    ENDED(done);
}
