//! The benchmark still runs. Its figures, from this build and beside other tests, mean nothing.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};
use elastickv_tests::scratch::Scratch;

#[tokio::test]
async fn the_benchmark_measures_a_cluster_of_ours() -> Result<()> {
    let scratch = Scratch::new("benchmark")?;
    let output = scratch.path().join("result.json");
    let mut bench = Command::new(env!("CARGO_BIN_EXE_bench"));
    bench.args(["compare", "--quick", "--crowded", "--stores=ours", "--media=tmpfs", "--operations=put,get"]);
    bench.args(["--clients=4", "--seconds=1", "--warm-up=1", "--keys=500", "--output"]).arg(&output);
    let told = tokio::task::spawn_blocking(move || bench.output()).await??;
    let err = String::from_utf8_lossy(&told.stderr);
    ensure!(told.status.success(), "it ended with {}: {err}", told.status);

    let result: serde_json::Value = serde_json::from_str(&fs::read_to_string(&output)?)?;
    let cells = result["cells"].as_array().cloned().unwrap_or_default();
    ensure!(cells.len() == 2, "a cell for puts and one for gets: {cells:?}");
    for cell in cells {
        let side = &cell["sides"]["ours"];
        ensure!(side["per_second"].as_f64().is_some_and(|rate| rate > 0.0), "{cell}");
        ensure!(side["errors"] == 0, "{cell}");
        let writes = cell["operation"] == "put";
        ensure!(!writes || side["syncs_per_operation"].as_f64().is_some_and(|syncs| syncs > 0.0), "{cell}");
    }
    Ok(())
}
