//! What no server can be faster than: the disk with the syncs that an upload makes, reading a file, and one hashing core.
//!
//! Out: seconds.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use crate::Figures;

/// How much is sent, written and hashed at once.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;
/// After how many bytes an upload is synced; the server's default.
const SYNC_BYTES: usize = 64 << 20;

/// What a file is read in for its checksum: more does not stay in the processor's own memory.
const HASHED_AT_ONCE_BYTES: usize = 256 << 10;

/// Bytes that no disk can make smaller.
pub(crate) fn block() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..BLOCK_BYTES).map(|_| next()).collect()
}

/// A file of so many bytes, as the other measurements send it.
pub(crate) fn file(path: &Path, n_bytes: usize) -> Figures {
    let (mut file, block) = (File::create(path)?, block());
    for _ in 0..n_bytes / BLOCK_BYTES {
        file.write_all(&block)?;
    }
    Ok(n_bytes.to_string())
}

/// Writes so many bytes and has them survive a power loss; the file goes again.
pub(crate) fn disk(folder: &Path, n_bytes: usize) -> Figures {
    let (path, block) = (folder.join("disk.bench"), block());
    let began = Instant::now();
    let mut file = File::create(&path)?;
    let (mut n_written, mut n_unsynced) = (0, 0);
    while n_written < n_bytes {
        let n = BLOCK_BYTES.min(n_bytes - n_written);
        file.write_all(&block[..n])?;
        n_written += n;
        n_unsynced += n;
        if n_unsynced >= SYNC_BYTES {
            file.sync_data()?;
            n_unsynced = 0;
        }
    }
    file.sync_data()?;
    File::open(folder)?.sync_all()?;
    let elapsed = began.elapsed();
    std::fs::remove_file(&path)?;
    Ok(format!("{:.4}", elapsed.as_secs_f64()))
}

/// Reads a file to its end.
pub(crate) fn read(path: &Path) -> Figures {
    let (mut file, mut buffer) = (File::open(path)?, vec![0; BLOCK_BYTES]);
    let began = Instant::now();
    while file.read(&mut buffer)? > 0 {}
    Ok(format!("{:.4}", began.elapsed().as_secs_f64()))
}

/// Hashes so many bytes with SHA-256, as the server does.
pub(crate) fn hash(n_bytes: usize) -> Figures {
    let block = block();
    let began = Instant::now();
    let mut hash = Sha256::new();
    for _ in 0..n_bytes / BLOCK_BYTES {
        hash.update(&block);
    }
    std::hint::black_box(hash.finalize());
    Ok(format!("{:.4}", began.elapsed().as_secs_f64()))
}

/// Reads a file and hashes it with SHA-256, as whoever has it beside a checksum does.
pub(crate) fn hash_file(path: &Path) -> Figures {
    let (mut file, mut buffer) = (File::open(path)?, vec![0; HASHED_AT_ONCE_BYTES]);
    let began = Instant::now();
    let mut hash = Sha256::new();
    loop {
        let n_read = file.read(&mut buffer)?;
        if n_read == 0 {
            break;
        }
        hash.update(&buffer[..n_read]);
    }
    std::hint::black_box(hash.finalize());
    Ok(format!("{:.4}", began.elapsed().as_secs_f64()))
}
