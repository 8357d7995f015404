//! The Rust client of TiKV, driven line by line; integration/tikv/harness/driver.js tells the commands.
//! ORBIT_TIKV_KEYSPACE is the keyspace, for a cluster of API version 2.

use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::time::{Duration, Instant};

use serde_json::{json, Value as Json};
use tikv_client::{
    BoundRange, CheckLevel, Config, Error, Key, KvPair, RawClient, TimestampExt, Transaction, TransactionClient,
    TransactionOptions,
};

struct Failure {
    message: String,
    kind: &'static str,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = format!("{error:?}");
        let kind = if message.contains("conflict: Some") {
            "conflict"
        } else if message.contains("deadlock: Some") {
            "deadlock"
        } else if message.contains("already_exist: Some") || matches!(error, Error::DuplicateKeyInsertion) {
            "exists"
        } else if message.contains("locked: Some") || message.contains("ResolveLockError") {
            "locked"
        } else {
            ""
        };
        Failure { message, kind }
    }
}

type Answer = Result<Json, Failure>;

fn unsupported(op: &str) -> Answer {
    Err(Failure { message: format!("no {op}"), kind: "unsupported" })
}

struct Session {
    pd: Vec<String>,
    txn: Option<TransactionClient>,
    raw: Option<RawClient>,
    open: HashMap<String, Transaction>,
}

fn text<'a>(c: &'a Json, field: &str) -> &'a str {
    c[field].as_str().unwrap_or("")
}

fn bytes(c: &Json, field: &str) -> Vec<u8> {
    hex::decode(text(c, field)).expect("hexadecimal")
}

fn all_bytes(c: &Json, field: &str) -> Vec<Vec<u8>> {
    let items = c[field].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| hex::decode(item.as_str().unwrap_or("")).expect("hexadecimal")).collect()
}

fn range(c: &Json) -> BoundRange {
    let end = bytes(c, "end");
    (bytes(c, "key"), if end.is_empty() { None } else { Some(end) }).into()
}

fn limit(c: &Json) -> u32 {
    match c["limit"].as_u64() {
        None | Some(0) => 10000,
        Some(limit) => limit as u32,
    }
}

fn found(value: Option<Vec<u8>>) -> Json {
    value.map_or(json!({}), |value| json!({ "value": hex::encode(value) }))
}

fn pairs(items: impl Iterator<Item = KvPair>) -> Json {
    let list: Vec<_> = items
        .map(|KvPair(key, value)| {
            let key: Vec<u8> = Key::into(key);
            [hex::encode(key), hex::encode(value)]
        })
        .collect();
    json!({ "pairs": list })
}

fn sorted(items: impl Iterator<Item = KvPair>) -> std::vec::IntoIter<KvPair> {
    let mut list: Vec<_> = items.collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list.into_iter()
}

fn options(mode: &str) -> TransactionOptions {
    let options = match mode {
        "pessimistic" => TransactionOptions::new_pessimistic(),
        "async" => TransactionOptions::new_optimistic().use_async_commit(),
        "1pc" => TransactionOptions::new_optimistic().try_one_pc(),
        _ => TransactionOptions::new_optimistic(),
    };
    options.drop_check(CheckLevel::None)
}

fn config() -> Config {
    match std::env::var("ORBIT_TIKV_KEYSPACE") {
        Ok(keyspace) => Config::default().with_keyspace(&keyspace),
        Err(_) => Config::default(),
    }
}

impl Session {
    async fn raw_client(&mut self) -> Result<RawClient, Failure> {
        if self.raw.is_none() {
            self.raw = Some(RawClient::new_with_config(self.pd.clone(), config()).await?);
        }
        Ok(self.raw.clone().expect("a client"))
    }

    async fn txn_client(&mut self) -> Result<TransactionClient, Failure> {
        if self.txn.is_none() {
            self.txn = Some(TransactionClient::new_with_config(self.pd.clone(), config()).await?);
        }
        Ok(self.txn.clone().expect("a client"))
    }

    async fn run(&mut self, c: &Json) -> Answer {
        let op = text(c, "op");
        if op == "begin" {
            let txn = self.txn_client().await?.begin_with_options(options(text(c, "mode"))).await?;
            let ts = txn.start_timestamp().version().to_string();
            self.open.insert(text(c, "txn").to_string(), txn);
            return Ok(json!({ "ts": ts }));
        }
        if op == "bench" {
            let target = match text(c, "mode").starts_with("raw ") {
                true => Target::Raw(self.raw_client().await?),
                false => Target::Txn(self.txn_client().await?),
            };
            return bench(target, c).await;
        }
        if op.starts_with("raw") {
            return in_raw(&self.raw_client().await?, c).await;
        }
        let name = text(c, "txn");
        if op == "commit" || op == "rollback" {
            let Some(mut txn) = self.open.remove(name) else { return unsupported(name) };
            if op == "rollback" {
                txn.rollback().await?;
                return Ok(json!({}));
            }
            let ts = txn.commit().await?.map(|ts| ts.version()).unwrap_or(0);
            return Ok(json!({ "ts": ts.to_string() }));
        }
        match self.open.get_mut(name) {
            None => unsupported(name),
            Some(txn) => in_txn(txn, c).await,
        }
    }
}

async fn in_txn(txn: &mut Transaction, c: &Json) -> Answer {
    match text(c, "op") {
        "get" => Ok(found(txn.get(bytes(c, "key")).await?)),
        "batchget" => Ok(pairs(sorted(txn.batch_get(all_bytes(c, "keys")).await?))),
        "put" => Ok(txn.put(bytes(c, "key"), bytes(c, "value")).await.map(|_| json!({}))?),
        "delete" => Ok(txn.delete(bytes(c, "key")).await.map(|_| json!({}))?),
        "scan" => Ok(pairs(txn.scan(range(c), limit(c)).await?)),
        "rscan" => Ok(pairs(txn.scan_reverse(range(c), limit(c)).await?)),
        "lock" => Ok(txn.lock_keys([bytes(c, "key")]).await.map(|_| json!({}))?),
        op => unsupported(op),
    }
}

async fn in_raw(client: &RawClient, c: &Json) -> Answer {
    match text(c, "op") {
        "rawget" => Ok(found(client.get(bytes(c, "key")).await?)),
        "rawbatchget" => Ok(pairs(sorted(client.batch_get(all_bytes(c, "keys")).await?.into_iter()))),
        "rawput" => {
            let ttl = c["ttl"].as_u64().unwrap_or(0);
            Ok(client.put_with_ttl(bytes(c, "key"), bytes(c, "value"), ttl).await.map(|_| json!({}))?)
        }
        "rawttl" => {
            let ttl = client.get_key_ttl_secs(bytes(c, "key")).await?;
            Ok(ttl.map_or(json!({}), |seconds| json!({ "result": seconds })))
        }
        "rawbatchput" => {
            let items: Vec<_> = all_bytes(c, "keys").into_iter().zip(all_bytes(c, "values")).collect();
            Ok(client.batch_put(items).await.map(|_| json!({}))?)
        }
        "rawdelete" => Ok(client.delete(bytes(c, "key")).await.map(|_| json!({}))?),
        "rawdeleterange" => Ok(client.delete_range(range(c)).await.map(|_| json!({}))?),
        "rawscan" => Ok(pairs(client.scan(range(c), limit(c)).await?.into_iter())),
        "rawcas" => {
            let expected = if text(c, "mode") == "absent" { None } else { Some(bytes(c, "end")) };
            let client = client.with_atomic_for_cas();
            let (previous, swapped) = client.compare_and_swap(bytes(c, "key"), expected, bytes(c, "value")).await?;
            let mut answer = found(previous);
            answer["result"] = json!(swapped);
            Ok(answer)
        }
        op => unsupported(op),
    }
}

/// Draws the keys of one caller; a small linear congruential generator: they need not be those of other clients.
struct Keys {
    state: u64,
    caller: u64,
    callers: u64,
    total: u64,
}

impl Keys {
    fn below(&mut self, end: u64) -> u64 {
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.state >> 33) % end
    }

    fn any(&mut self) -> Vec<u8> {
        let number = self.below(self.total);
        key_at(number)
    }

    /// Spreads keys that no other caller writes over the whole range.
    fn own(&mut self, count: u64) -> Vec<Vec<u8>> {
        let slots = self.total / self.callers;
        let (start, step) = (self.below(slots), (slots / count).max(1));
        (0..count).map(|at| key_at((start + at * step) % slots * self.callers + self.caller)).collect()
    }
}

fn key_at(number: u64) -> Vec<u8> {
    format!("bench-{number:06}").into_bytes()
}

#[derive(Clone)]
enum Target {
    Raw(RawClient),
    Txn(TransactionClient),
}

async fn operation(target: &Target, mode: &str, size: usize, keys: &mut Keys) -> Result<(), Failure> {
    match target {
        Target::Txn(client) => transaction(client, mode, size, keys).await,
        Target::Raw(client) if mode == "raw get" => Ok(client.get(keys.any()).await.map(|_| ())?),
        Target::Raw(client) => Ok(client.put(keys.any(), vec![0u8; size]).await?),
    }
}

async fn transaction(client: &TransactionClient, mode: &str, size: usize, keys: &mut Keys) -> Result<(), Failure> {
    let options = match mode {
        "get" | "batch get" | "scan" => TransactionOptions::new_optimistic().read_only(),
        // With one-phase commit as well it would fail wherever a transaction spans regions.
        _ => TransactionOptions::new_optimistic().use_async_commit(),
    };
    let mut txn = client.begin_with_options(options.drop_check(CheckLevel::None)).await?;
    match mode {
        "get" => {
            txn.get(keys.any()).await?;
        }
        "batch get" => {
            let wanted: Vec<_> = (0..10).map(|_| keys.any()).collect();
            let _ = txn.batch_get(wanted).await?.count();
        }
        "scan" => {
            let _ = txn.scan(keys.any().., 100).await?.count();
        }
        _ => {
            let count = mode.trim_start_matches("txn ").parse().unwrap_or(1);
            for key in keys.own(count) {
                txn.put(key, vec![0u8; size]).await?;
            }
            txn.commit().await?;
        }
    }
    Ok(())
}

async fn bench(target: Target, c: &Json) -> Answer {
    let size = c["size"].as_u64().unwrap_or(0) as usize;
    let cpu = cpu_seconds();
    let start = Instant::now();
    let deadline = start + Duration::from_secs_f64(c["seconds"].as_f64().unwrap_or(1.0));
    let mut tasks = Vec::new();
    let (callers, total) = (c["callers"].as_u64().unwrap_or(1), c["limit"].as_u64().unwrap_or(1));
    for caller in 0..callers {
        let (target, mode) = (target.clone(), text(c, "mode").to_string());
        tasks.push(tokio::spawn(async move {
            let mut keys = Keys { state: caller + 1, caller, callers: callers, total };
            let (mut times, mut failed) = (Vec::new(), 0u64);
            while Instant::now() < deadline {
                let began = Instant::now();
                match operation(&target, &mode, size, &mut keys).await {
                    Ok(()) => times.push(began.elapsed().as_secs_f64() * 1e6),
                    Err(_) => failed += 1,
                }
            }
            (times, failed)
        }));
    }
    let (mut all, mut failed) = (Vec::new(), 0);
    for task in tasks {
        let (times, errors) = task.await.expect("a caller");
        all.extend(times);
        failed += errors;
    }
    let seconds = start.elapsed().as_secs_f64();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all.get(((share * all.len() as f64) as usize).min(all.len().saturating_sub(1)));
    Ok(json!({ "result": {
        "operations": all.len(), "failed": failed, "seconds": seconds, "cpuSeconds": cpu_seconds() - cpu,
        "p50": at(0.5), "p95": at(0.95), "p99": at(0.99),
    } }))
}

/// User and system time of this process, in ticks of a hundredth of a second.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / 100.0
}

#[tokio::main]
async fn main() {
    let mut session = Session {
        pd: std::env::args().skip(1).collect(),
        txn: None,
        raw: None,
        open: HashMap::new(),
    };
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let answer = match serde_json::from_str::<Json>(&line) {
            Err(error) => json!({ "ok": false, "error": error.to_string() }),
            Ok(command) => match session.run(&command).await {
                Ok(mut answer) => {
                    answer["ok"] = json!(true);
                    answer
                }
                Err(failure) => json!({ "ok": false, "error": failure.message, "kind": failure.kind }),
            },
        };
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "{answer}");
        let _ = out.flush();
    }
}
