//! Room on the disk, watched all the time: writes stop before it runs out.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use elastickv_consensus::GroupHandle;
use elastickv_engine::Shortages;
use elastickv_log::Room;
use elastickv_sys::files::{SharedFiles, Space};

const LOOK: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub struct SpaceWatch {
    files: SharedFiles,
    dir: PathBuf,
    pub reserve: u64,
    free: AtomicU64,
    total: AtomicU64,
    full: AtomicBool,
    pub shortages: Shortages,
}

impl SpaceWatch {
    pub fn new(files: SharedFiles, dir: PathBuf, reserve: u64) -> std::io::Result<Arc<Self>> {
        let watch = Self {
            files,
            dir,
            reserve,
            free: AtomicU64::new(0),
            total: AtomicU64::new(0),
            full: AtomicBool::new(false),
            shortages: Shortages::default(),
        };
        watch.look(Room::Ample)?;
        Ok(Arc::new(watch))
    }

    /// Looks again and again until the node stops.
    pub fn start(self: &Arc<Self>, group: GroupHandle) {
        let watch = self.clone();
        elastickv_sys::task::spawn(async move {
            let mut looks = tokio::time::interval(LOOK);
            looks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
            loop {
                looks.tick().await;
                match watch.look(group.room()) {
                    Ok(false) => {}
                    Ok(true) if watch.is_full() => {
                        tracing::warn!(
                            free = watch.space().free,
                            reserve = watch.reserve,
                            "writes are refused: the disk is nearly full"
                        );
                    }
                    Ok(true) => tracing::info!(free = watch.space().free, "writes are taken again"),
                    Err(error) => tracing::warn!(%error, "the free space can not be read"),
                }
            }
        });
    }

    /// Returns whether the judgement changed.
    fn look(&self, room: Room) -> std::io::Result<bool> {
        let Space { free, total } = self.files.space(&self.dir)?;
        self.free.store(free, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        if free < self.reserve {
            self.shortages.note();
        }
        let full = free < self.reserve || room != Room::Ample;
        Ok(self.full.swap(full, Ordering::SeqCst) != full)
    }

    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::SeqCst)
    }

    pub fn space(&self) -> Space {
        Space { free: self.free.load(Ordering::Relaxed), total: self.total.load(Ordering::Relaxed) }
    }
}
