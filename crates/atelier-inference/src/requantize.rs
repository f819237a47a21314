//! Rewriting a GGUF file with Q4_0 in place of Q4_1.
//!
//! The engine here runs both; other engines run Q4_0 faster, and published comparisons use it.
//! Invariant: the target appears whole or not at all.

use crate::error::Error;
use crate::gguf::{self, Gguf};
use candle_core::Device;
use candle_core::quantized::{GgmlDType, QTensor, gguf_file};
use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// What `requantize` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requantized {
    pub tensors: usize,
    pub converted: usize,
    pub bytes: u64,
}

pub fn requantize(source: &Path, target: &Path) -> Result<Requantized, Error> {
    gguf::guarded(source, || rewritten(source, target))
}

fn rewritten(source: &Path, target: &Path) -> Result<Requantized, Error> {
    let mut file = Gguf::open(source)?;
    let mut names: Vec<String> = file.content.tensor_infos.keys().cloned().collect();
    names.sort_unstable();
    let mut tensors = Vec::with_capacity(names.len());
    let mut converted = 0;
    for name in &names {
        let mut tensor = file.tensor(name)?;
        if tensor.dtype() == GgmlDType::Q4_1 {
            tensor = to_q4_0(&tensor).map_err(|error| file.bad(format!("tensor {name}: {error}")))?;
            converted += 1;
        }
        tensors.push(tensor);
    }
    let temporary = target.with_extension(format!("part-{}", std::process::id()));
    let written = write(&file, &names, &tensors, &temporary)
        .and_then(|()| std::fs::rename(&temporary, target))
        .and_then(|()| std::fs::metadata(target));
    match written {
        Ok(done) => Ok(Requantized { tensors: tensors.len(), converted, bytes: done.len() }),
        Err(source) => {
            // The first error is the one to tell; a left-over part is replaced by the next try.
            let _ = std::fs::remove_file(&temporary);
            Err(Error::Write { path: target.to_path_buf(), source })
        }
    }
}

fn to_q4_0(tensor: &QTensor) -> candle_core::Result<QTensor> {
    QTensor::quantize(&tensor.dequantize(&Device::Cpu)?, GgmlDType::Q4_0)
}

fn write(file: &Gguf, names: &[String], tensors: &[QTensor], path: &Path) -> Result<(), std::io::Error> {
    /// The number that GGUF gives to files that are mostly Q4_0.
    const MOSTLY_Q4_0: gguf_file::Value = gguf_file::Value::U32(2);
    let mut metadata: Vec<(&str, &gguf_file::Value)> = file
        .content
        .metadata
        .iter()
        .map(|(key, value)| match key.as_str() {
            "general.file_type" => (key.as_str(), &MOSTLY_Q4_0),
            // The writer aligns to the default whatever the source did.
            _ => (key.as_str(), value),
        })
        .filter(|(key, _)| *key != "general.alignment")
        .collect();
    metadata.sort_by_key(|(key, _)| *key);
    let tensors: Vec<(&str, &QTensor)> = names.iter().map(String::as_str).zip(tensors).collect();
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    gguf_file::write(&mut out, &metadata, &tensors).map_err(std::io::Error::other)?;
    let file = out.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_one_becomes_four_zero_and_all_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (source, target) = (folder.path().join("a.gguf"), folder.path().join("b.gguf"));
        let values: Vec<f32> = (0..64).map(|at| (at as f32 / 10.0).sin()).collect();
        let plain = candle_core::Tensor::from_vec(values.clone(), (2, 32), &Device::Cpu).unwrap();
        let kinds = [("old", GgmlDType::Q4_1), ("norm", GgmlDType::F32)];
        let tensors = kinds.map(|(name, kind)| (name, QTensor::quantize(&plain, kind).unwrap()));
        let name = gguf_file::Value::String("tiny".to_owned());
        let mut out = File::create(&source).unwrap();
        let listed: Vec<_> = tensors.iter().map(|(name, tensor)| (*name, tensor)).collect();
        gguf_file::write(&mut out, &[("general.name", &name)], &listed).unwrap();

        let done = requantize(&source, &target).unwrap();

        assert_eq!((done.tensors, done.converted), (2, 1));
        let mut file = Gguf::open(&target).unwrap();
        assert_eq!(file.text("general.name"), Some("tiny"));
        assert_eq!(file.tensor("old").unwrap().dtype(), GgmlDType::Q4_0);
        assert_eq!(file.tensor("norm").unwrap().dtype(), GgmlDType::F32);
        assert_eq!(file.floats("norm", 64).unwrap(), values);
        for (new, old) in file.floats("old", 64).unwrap().iter().zip(&values) {
            assert!((new - old).abs() < 0.15, "{new} is not near {old}");
        }
    }
}
