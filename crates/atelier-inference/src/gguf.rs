//! Opening GGUF files: metadata and tensors, with errors that name the file and the key.

use crate::error::Error;
use crate::kernel::{self, Tile8};
use crate::linear::{Linear, Tiles};
use candle_core::Device;
use candle_core::quantized::ggml_file::qtensor_from_ggml;
use candle_core::quantized::gguf_file::{Content, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

pub(crate) struct Gguf {
    pub(crate) path: PathBuf,
    pub(crate) content: Content,
    reader: BufReader<File>,
}

/// Reads a model file. The parsers below us (of the head, of the tokenizer) panic on some files that are none: such a
/// file is refused like any other.
pub(crate) fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(read));
    read.unwrap_or_else(|_| Err(Error::malformed(path, "what is in it makes no sense")))
}

impl Gguf {
    /// Reads the metadata only.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::read(path, source))?;
        let kind = file.metadata().map_err(|source| Error::read(path, source))?;
        if kind.is_dir() {
            return Err(Error::malformed(path, "it is a folder"));
        }
        let mut reader = BufReader::with_capacity(1 << 20, file);
        let content = Content::read(&mut reader).map_err(|error| Error::malformed(path, brief(&error)))?;
        Ok(Self { path: path.to_path_buf(), content, reader })
    }

    pub(crate) fn bad(&self, reason: impl ToString) -> Error {
        Error::malformed(&self.path, reason)
    }

    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(key)
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.value(key)?.to_string().ok().map(String::as_str)
    }

    pub(crate) fn number(&self, key: &str) -> Option<usize> {
        let value = self.value(key)?;
        let wide = value.to_u64().ok();
        let wide = wide.or_else(|| value.to_i64().ok().and_then(|v| u64::try_from(v).ok()));
        let wide = wide.or_else(|| value.to_i32().ok().and_then(|v| u64::try_from(v).ok()));
        wide.and_then(|v| usize::try_from(v).ok())
    }

    pub(crate) fn need_number(&self, key: &str) -> Result<usize, Error> {
        self.number(key).ok_or_else(|| self.bad(format!("the key {key} is missing or is not a number")))
    }

    pub(crate) fn float(&self, key: &str) -> Option<f32> {
        self.value(key)?.to_f32().ok()
    }

    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        self.value(key)?.to_bool().ok()
    }

    pub(crate) fn list(&self, key: &str) -> Option<&[Value]> {
        self.value(key)?.to_vec().ok().map(Vec::as_slice)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    pub(crate) fn tensor(&mut self, name: &str) -> Result<QTensor, Error> {
        let info = self
            .content
            .tensor_infos
            .get(name)
            .ok_or_else(|| Error::malformed(&self.path, format!("the tensor {name} is missing")))?;
        info.read(&mut self.reader, self.content.tensor_data_offset, &Device::Cpu)
            .map_err(|error| Error::malformed(&self.path, format!("tensor {name}: {}", brief(&error))))
    }

    /// A small tensor as plain numbers, of exactly this length.
    pub(crate) fn floats(&mut self, name: &str, length: usize) -> Result<Vec<f32>, Error> {
        let tensor = self.tensor(name)?;
        let values = self.dequantized(name, &tensor)?;
        if values.len() != length {
            let reason = format!("tensor {name} has {} values, not {length}", values.len());
            return Err(self.bad(reason));
        }
        if let Some(at) = values.iter().position(|value| !value.is_finite()) {
            return Err(self.bad(format!("tensor {name} has no number at {at}")));
        }
        Ok(values)
    }

    /// Matrices that share their input, stacked: `names` with their row counts.
    pub(crate) fn linear(&mut self, names: &[(&str, usize)], columns: usize) -> Result<Linear, Error> {
        if !columns.is_multiple_of(kernel::BLOCK) {
            return Err(self.bad(format!("{columns} columns are not a multiple of 32")));
        }
        let mut parts = Vec::with_capacity(names.len());
        let mut total = 0;
        for (at, (name, rows)) in names.iter().enumerate() {
            if at + 1 < names.len() && !rows.is_multiple_of(kernel::ROWS) {
                return Err(self.bad(format!("tensor {name}: {rows} rows do not fill tiles")));
            }
            let tensor = self.tensor(name)?;
            let dims = tensor.shape().dims();
            if dims != [*rows, columns] {
                let reason = format!("tensor {name} has the shape {dims:?}, not [{rows}, {columns}]");
                return Err(self.bad(reason));
            }
            parts.push(self.tiles(name, &tensor, columns)?);
            total += rows;
        }
        Ok(Linear::new(parts, total, columns))
    }

    fn tiles(&self, name: &str, tensor: &QTensor, columns: usize) -> Result<Tiles, Error> {
        let bytes = tensor.data().map_err(|error| self.bad(format!("tensor {name}: {}", brief(&error))))?;
        let tiles = match tensor.dtype() {
            GgmlDType::Q4_0 => Tiles::Four(kernel::pack_q4_0(&bytes, columns)),
            GgmlDType::Q4_1 => Tiles::Four(kernel::pack_q4_1(&bytes, columns)),
            GgmlDType::Q4K => Tiles::Four(kernel::pack_q4_k(&bytes, columns)),
            GgmlDType::Q8_0 => Tiles::Eight(kernel::pack_q8_0(&bytes, columns)),
            kind => Tiles::Eight(self.rounded(name, kind, &bytes, columns)?),
        };
        match tiles.finite() {
            true => Ok(tiles),
            false => Err(self.bad(format!("tensor {name} has weights that are no numbers"))),
        }
    }

    /// Slab by slab: all floats of a large matrix at once would need many times its own memory.
    fn rounded(
        &self,
        name: &str,
        kind: GgmlDType,
        bytes: &[u8],
        columns: usize,
    ) -> Result<Vec<Tile8>, Error> {
        const SLAB: usize = kernel::ROWS * 64;
        let row = columns / kind.block_size() * kind.type_size();
        let mut tiles = Vec::new();
        for slab in bytes.chunks(row * SLAB) {
            let shape = vec![slab.len() / row, columns];
            let part = qtensor_from_ggml(kind, slab, shape, &Device::Cpu)
                .map_err(|error| self.bad(format!("tensor {name}: {}", brief(&error))))?;
            tiles.extend(kernel::pack_floats(&self.dequantized(name, &part)?, columns));
        }
        Ok(tiles)
    }

    fn dequantized(&self, name: &str, tensor: &QTensor) -> Result<Vec<f32>, Error> {
        tensor
            .dequantize(&Device::Cpu)
            .and_then(|tensor| tensor.flatten_all()?.to_vec1::<f32>())
            .map_err(|error| self.bad(format!("tensor {name}: {}", brief(&error))))
    }
}

/// The first line of an error: what follows can be a backtrace with paths of the build.
fn brief(error: &candle_core::Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim().to_owned()
}
