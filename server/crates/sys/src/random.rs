//! Randomness: the kernel's, or a seeded one that repeats.

use std::sync::Arc;

use parking_lot::Mutex;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

pub trait Random: Send + Sync + std::fmt::Debug + 'static {
    fn fill(&self, bytes: &mut [u8]);

    fn bytes16(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.fill(&mut bytes);
        bytes
    }

    fn u64(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }
}

pub type SharedRandom = Arc<dyn Random>;

/// The kernel's generator, asked each time.
#[derive(Debug)]
pub struct SystemRandom;

impl SystemRandom {
    pub fn shared() -> SharedRandom {
        Arc::new(Self)
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::rand::getrandom(&mut *rest, rustix::rand::GetRandomFlags::empty()) {
                Ok(drawn) => rest = rest.split_at_mut(drawn).1,
                Err(rustix::io::Errno::INTR) => {}
                // Going on with guessable ids would be worse than stopping.
                Err(error) => panic!("the kernel gives no randomness: {error}"),
            }
        }
    }
}

#[derive(Debug)]
pub struct SeededRandom(Mutex<StdRng>);

impl SeededRandom {
    pub fn shared(seed: u64) -> SharedRandom {
        Arc::new(Self(Mutex::new(StdRng::seed_from_u64(seed))))
    }
}

impl Random for SeededRandom {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().fill_bytes(bytes);
    }
}
