//! Keys and values of the tokens a model has seen, one line of tokens per cache.

pub(crate) struct Cache {
    tokens: Vec<u32>,
    keys: Vec<Vec<f32>>,
    values: Vec<Vec<f32>>,
    width: usize,
}

impl Cache {
    pub(super) fn new(layers: usize, width: usize) -> Self {
        Self { tokens: Vec::new(), keys: vec![Vec::new(); layers], values: vec![Vec::new(); layers], width }
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// How many tokens at the start are the same.
    pub(crate) fn common(&self, tokens: &[u32]) -> usize {
        let pairs = self.tokens.iter().zip(tokens);
        pairs.take_while(|(held, asked)| held == asked).count()
    }

    pub(crate) fn truncate(&mut self, length: usize) {
        self.tokens.truncate(length);
        let floats = self.tokens.len() * self.width;
        for layer in self.keys.iter_mut().chain(&mut self.values) {
            layer.truncate(floats);
        }
    }

    /// Becomes the first `length` tokens of another cache.
    pub(crate) fn copy_start(&mut self, other: &Self, length: usize) {
        let floats = length * self.width;
        self.tokens.clear();
        self.tokens.extend_from_slice(&other.tokens[..length]);
        let ours = self.keys.iter_mut().chain(&mut self.values);
        for (to, from) in ours.zip(other.keys.iter().chain(&other.values)) {
            to.clear();
            to.extend_from_slice(&from[..floats]);
        }
    }

    pub(super) fn push(&mut self, tokens: &[u32]) {
        self.tokens.extend_from_slice(tokens);
    }

    pub(super) fn extend(&mut self, layer: usize, key: &[f32], value: &[f32]) {
        self.keys[layer].extend_from_slice(key);
        self.values[layer].extend_from_slice(value);
    }

    pub(super) fn layer(&self, layer: usize) -> (&[f32], &[f32]) {
        (&self.keys[layer], &self.values[layer])
    }
}
