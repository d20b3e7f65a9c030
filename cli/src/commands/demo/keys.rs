//! The stages in which keys and old values leave.

use serde_json::Value;

use super::failure::{ensure, failed};
use super::ground::{list, number, text};
use super::walk::{Walk, YES};
use crate::error::CliError;

impl Walk<'_> {
    pub async fn rotate(&mut self) -> Result<String, CliError> {
        let before = self.active_key().await?;
        let done = self.done(&["encryption", "rotate-dek", "--purpose", "storage"]).await?;
        let now = self.active_key().await?;
        ensure(before != now, || format!("key {before} is active still"))?;
        self.replaced = Some(before);
        Ok(format!("key {} in place of {}", text(&done, "/key_hex"), key_text(before)))
    }

    async fn active_key(&self) -> Result<u64, CliError> {
        let keys = self.done(&["encryption", "keys", "list"]).await?;
        let is_active = |key: &&Value| text(key, "/purpose") == "storage" && text(key, "/state") == "active";
        let active = list(&keys, "/keys").iter().find(is_active);
        active.map(|key| number(key, "/key_id")).ok_or_else(|| failed("no storage key is active"))
    }

    pub async fn rewrite(&self) -> Result<String, CliError> {
        let told = self.done(&["encryption", "rewrite"]).await?;
        let members = list(&told, "/job/members");
        let rows: u64 = members.iter().map(|member| number(member, "/rows")).sum();
        ensure(text(&told, "/job/log_sealed") == "true", || "a log is clear still".to_owned())?;
        Ok(format!("{rows} values on {} members sealed anew, the old erased", members.len()))
    }

    pub async fn count(&self) -> Result<String, CliError> {
        let told = self.done(&["encryption", "status", "--verify"]).await?;
        let members = list(&told, "/verification/members");
        let rows: u64 = members.iter().map(|member| number(member, "/rows")).sum();
        let clear: u64 = members.iter().map(|member| number(member, "/clear_rows")).sum();
        ensure(rows > 0 && clear == 0, || format!("{clear} of {rows} values are clear"))?;
        Ok(format!("{rows} values on {} members counted, none is clear", members.len()))
    }

    pub async fn retire(&self) -> Result<String, CliError> {
        let key = self.replaced.ok_or_else(|| failed("no key was replaced"))?;
        let id = key.to_string();
        let line = ["encryption", "retire-dek", "--prepare", "--key-id", &id];
        self.done(&[&line[..], &YES].concat()).await?;
        let keys = self.done(&["encryption", "keys", "list"]).await?;
        let is_there = list(&keys, "/keys").iter().any(|one| number(one, "/key_id") == key);
        ensure(!is_there, || format!("key {id} is still among the keys"))?;
        Ok(format!("key {} closed, nothing is under it, unloaded", key_text(key)))
    }
}

fn key_text(key: u64) -> String {
    format!("{key:#010x}")
}
