//! ISO images: whether one was cut off, as far as the image itself tells.
//!
//! In: the bytes of a file as they pass, and how many there were. Out: nothing, or words.
//! An image says in its 17th sector how many sectors it has. One that has fewer is refused, because it can only be a copy
//! that broke off. What is no ISO 9660 image at all is let through: UDF images are not, and a library keeps what it is
//! given; nobody mounts it here.

/// Where the primary volume descriptor stands.
const START: u64 = 16 * SECTOR_BYTES;
const SECTOR_BYTES: u64 = 2048;
/// Up to where it is of interest here.
const HEAD_BYTES: usize = 132;
/// Burning programs count up to 150 sectors of padding that copies may lack.
const PADDING_BYTES: u64 = 150 * SECTOR_BYTES;

/// Watches the bytes of an image pass.
#[derive(Default)]
pub struct Watch {
    n_bytes: u64,
    head: Vec<u8>,
}

impl Watch {
    /// More bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let n_skipped = START.saturating_sub(self.n_bytes);
        let n_lacking = HEAD_BYTES - self.head.len();
        if n_lacking > 0
            && let Some(from) = usize::try_from(n_skipped).ok().and_then(|start| bytes.get(start..))
        {
            self.head.extend(from.iter().take(n_lacking));
        }
        self.n_bytes += bytes.len() as u64;
    }

    /// All bytes passed: why they are not an image, if they say so themselves.
    pub fn finish(&self) -> Result<(), String> {
        match volume_bytes(&self.head) {
            Some(size) if size > self.n_bytes.saturating_add(PADDING_BYTES) => Err(format!(
                "the image has {size} bytes by its own account, and {} arrived; it was cut off",
                self.n_bytes
            )),
            _ => Ok(()),
        }
    }
}

/// How long the volume is, if this is the beginning of a primary volume descriptor.
fn volume_bytes(head: &[u8]) -> Option<u64> {
    let is_primary = head.starts_with(b"\x01CD001\x01") && head.len() == HEAD_BYTES;
    if !is_primary {
        return None;
    }
    // Numbers stand there in both byte orders; one that differs from itself says nothing.
    let n_sectors = u32::from_le_bytes(head[80..84].try_into().ok()?);
    let again = u32::from_be_bytes(head[84..88].try_into().ok()?);
    let sector_bytes = u16::from_le_bytes(head[128..130].try_into().ok()?);
    (n_sectors == again).then(|| u64::from(n_sectors) * u64::from(sector_bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An image that says it has 200 sectors, and has so many bytes.
    fn image(n_bytes: usize) -> Vec<u8> {
        let mut image = vec![0; n_bytes];
        image[32_768..32_775].copy_from_slice(b"\x01CD001\x01");
        image[32_848..32_852].copy_from_slice(&200_u32.to_le_bytes());
        image[32_852..32_856].copy_from_slice(&200_u32.to_be_bytes());
        image[32_896..32_898].copy_from_slice(&2048_u16.to_le_bytes());
        image
    }

    fn watch(bytes: &[u8], piece_bytes: usize) -> Result<(), String> {
        let mut watch = Watch::default();
        bytes.chunks(piece_bytes).for_each(|piece| watch.update(piece));
        watch.finish()
    }

    #[test]
    fn an_image_that_was_cut_off_says_so_itself() {
        for piece_bytes in [1, 100, 32_769, 1 << 20] {
            let words = watch(&image(100_000), piece_bytes).expect_err("it is cut");
            assert!(words.contains("409600") && words.contains("100000"), "{words}");
        }
    }

    #[test]
    fn whole_images_padded_ones_and_no_images_are_let_through() {
        assert_eq!(watch(&image(409_600), 7_000), Ok(()));
        assert_eq!(watch(&image(409_600 - 150 * 2048), 7_000), Ok(()));
        assert_eq!(watch(&image(500_000), 7_000), Ok(()));
        assert_eq!(watch(b"no image", 3), Ok(()));
        let mut of_two_minds = image(100_000);
        of_two_minds[32_855] = 1;
        assert_eq!(watch(&of_two_minds, 7_000), Ok(()));
    }
}
