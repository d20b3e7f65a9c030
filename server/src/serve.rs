//! Running a node: listeners up, a cluster found, then until a signal or a fault.

use std::sync::Arc;
use std::time::Duration;

use elastickv_lifecycle::Operations;
use elastickv_proto::admin_server::AdminServer;
use elastickv_proto::distribution_server::DistributionServer;
use elastickv_proto::encryption_admin_server::EncryptionAdminServer;
use elastickv_proto::raft_admin_server::RaftAdminServer;
use elastickv_proto::raw_kv_server::RawKvServer;
use elastickv_proto::transactional_kv_server::TransactionalKvServer;
use elastickv_proto::v1::backup_server::BackupServer;
use elastickv_proto::v1::cluster_server::ClusterServer;
use elastickv_proto::v1::encryption_server::EncryptionServer;
use elastickv_proto::v1::jobs_server::JobsServer;
use elastickv_proto::v1::peer_server::PeerServer;
use elastickv_proto::v1::txn_server::TxnServer;
use elastickv_sys::clock::SystemClock;
use elastickv_sys::{open_files, secrecy};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::access::AccessLayer;
use crate::config::Config;
use crate::doors::{self, Entrance, Guard, PageEntrance, Room};
use crate::exit::Stop;
use crate::logging::Logs;
use crate::node::Node;
use crate::rpc;
use crate::rpc::operations::Desk;
use crate::stage::Stage;
use crate::supervised::Supervised;
use crate::{boot, http, lifecycle, net};

/// Everything a shutdown does has to be done by then.
const SHUTDOWN: Duration = Duration::from_secs(25);
/// Calls under way when the node is told to stop have this long to end.
const FINISH: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(20);

pub fn run(config: Config, logs: Arc<Logs>) -> Result<(), Stop> {
    if config.encryption.enabled || config.doors.is_some() {
        keep_secrets();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Stop::refused("NoRuntime", error.to_string(), "raise the limits of threads and open files")
    })?;
    let result = runtime.block_on(serve(config, logs));
    // Tasks that outlive their purpose do not hold the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// This process is to hold keys.
fn keep_secrets() {
    let memory = secrecy::lock_memory();
    match secrecy::forbid_dumps() {
        Ok(()) => {
            tracing::info!(%memory, "keys stay out of core dumps and, where memory is locked, out of swap")
        }
        Err(error) => tracing::warn!(%error, %memory, "core dumps of this process can not be forbidden"),
    }
}

async fn serve(config: Config, logs: Arc<Logs>) -> Result<(), Stop> {
    let mut signals = Signals::new()?;
    let began = SystemClock::shared().unix_ms();
    let supervised = Supervised::new();
    // Addresses are taken before anything of the data directory changes.
    let listener = net::listen(config.listen).await?;
    let http_listener = match config.http_listen {
        Some(address) => Some(net::listen(address).await?),
        None => None,
    };
    let guard = Guard::new(&config, SystemClock::shared())?;
    let claim = boot::claim(&config)?;
    let guard = Arc::new(guard);
    elastickv_sys::task::spawn(doors::watch(guard.clone()));
    let room = Room::new(config.max_connections, open_files::raise_limit(), SystemClock::shared());
    let room = Arc::new(room);
    let entrance = Entrance::new(listener, guard.live(), room.clone());
    let stage = Arc::new(Stage::new(guard.clone()));
    if let Some(listener) = http_listener {
        let pages = PageEntrance::new(listener, guard.live(), room);
        elastickv_sys::task::spawn(http::serve(pages, stage.clone()));
    }
    let assembled = elastickv_sys::task::spawn(boot::assemble(config, claim, stage.clone()));
    let node = tokio::select! {
        node = assembled => match node {
            Ok(node) => node?,
            Err(error) => return Err(Stop::fault("Fault", error.to_string(), "start the node again")),
        },
        never = stage.answer_calls(&entrance) => match never {},
        () = signals.recv() => {
            tracing::info!("stopping before the start is over");
            return Ok(());
        }
    };
    stage.set_node(&node);
    supervised.started(&node);
    let (stop_serving, stopped) = watch::channel(false);
    let desk = Desk { node: node.clone(), operations: lifecycle::start(&node) };
    let operations = desk.operations.clone();
    let server = elastickv_sys::task::spawn(grpc((node.clone(), logs), guard, desk, entrance, stopped));
    let outcome = tokio::select! {
        founded = become_ready(&node, &operations, began) => match founded {
            Ok(()) => tokio::select! {
                fault = fault(&node) => Err(fault),
                () = signals.recv() => Ok(()),
            },
            Err(stop) => Err(stop),
        },
        fault = fault(&node) => Err(fault),
        () = signals.recv() => Ok(()),
    };
    outcome?;
    supervised.stopping();
    tracing::info!("stopping");
    match tokio::time::timeout(SHUTDOWN, shut_down(&node, stop_serving, server)).await {
        Ok(result) => result,
        Err(_) => {
            tracing::warn!("the shutdown took too long and is cut short; nothing acknowledged is lost");
            Ok(())
        }
    }
}

/// Founds or joins a cluster, and waits until this node can serve.
async fn become_ready(node: &Arc<Node>, operations: &Operations, began: u64) -> Result<(), Stop> {
    boot::found(node).await?;
    boot::rotate(node, operations, began).await;
    node.switches.set_open();
    while !node.reasons().iter().all(|reason| reason.name == "Starting") {
        tokio::time::sleep(LOOK).await;
    }
    node.switches.set_serving();
    let cluster = node.identity.cluster().map(|cluster| cluster.name.to_string()).unwrap_or_default();
    let cipher = elastickv_crypto::cipher_name();
    tracing::info!(address = %node.config.advertise, node = %node.config.node_name, cluster, cipher, "serving");
    Ok(())
}

/// Returns once the process must not go on: the group has stopped, or the cluster does not let this node write.
async fn fault(node: &Node) -> Stop {
    tokio::select! {
        stop = group_fault(node) => stop,
        stop = refused_as_writer(node) => stop,
    }
}

async fn refused_as_writer(node: &Node) -> Stop {
    if let Some(keys) = &node.keys
        && let Ok(stop) = keys.writers.refused().wait_for(Option::is_some).await
        && let Some(stop) = stop.clone()
    {
        return stop;
    }
    std::future::pending().await
}

async fn group_fault(node: &Node) -> Stop {
    let mut faults = node.group().faults();
    let text = match faults.wait_for(Option::is_some).await {
        Ok(fault) => fault.clone().unwrap_or_default(),
        Err(_) => "the group is gone".to_owned(),
    };
    Stop::fault(
        "Fault",
        text,
        "mend the cause and start the node again; what was acknowledged is on the other members",
    )
}

async fn grpc(
    (node, logs): (Arc<Node>, Arc<Logs>),
    guard: Arc<Guard>,
    desk: Desk,
    entrance: Entrance,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), Stop> {
    let broken = |error: &dyn std::fmt::Display| {
        Stop::fault("ListenerBroken", error.to_string(), "start the node again")
    };
    let reflection = |descriptors: &'static [u8]| {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let v1 = reflection(elastickv_proto::DESCRIPTORS).build_v1().map_err(|error| broken(&error))?;
    let v1alpha = reflection(elastickv_proto::DESCRIPTORS).build_v1alpha().map_err(|error| broken(&error))?;
    macro_rules! large {
        ($service:expr) => {
            $service
                .max_decoding_message_size(net::LARGEST_MESSAGE)
                .max_encoding_message_size(net::LARGEST_MESSAGE)
        };
    }
    let visitors = Box::pin(entrance.visitors());
    // Once no more are taken, whoever comes is refused at once and goes elsewhere.
    drop(entrance);
    net::server()
        .layer(AccessLayer { node: node.clone(), guard })
        .add_service(large!(RawKvServer::new(rpc::raw_kv::RawKvService { node: node.clone() })))
        .add_service(large!(TransactionalKvServer::new(rpc::transactional_kv::TransactionalKvService {
            node: node.clone()
        })))
        .add_service(large!(PeerServer::new(rpc::peer::PeerService {
            node: node.clone(),
            desk: desk.clone()
        })))
        .add_service(RaftAdminServer::new(rpc::raft_admin::RaftAdminService {
            node: node.clone(),
            operations: desk.operations.clone(),
        }))
        .add_service(AdminServer::new(rpc::admin::AdminService { node: node.clone() }))
        .add_service(DistributionServer::new(rpc::distribution::DistributionService { node: node.clone() }))
        .add_service(large!(TxnServer::new(rpc::txn::TxnService { node: node.clone() })))
        .add_service(ClusterServer::new(rpc::cluster::ClusterService { node: node.clone(), logs }))
        .add_service(JobsServer::new(rpc::jobs::JobsService { desk: desk.clone() }))
        .add_service(large!(BackupServer::new(rpc::backup::BackupService { desk: desk.clone() })))
        .add_service(EncryptionServer::new(rpc::encryption::EncryptionService { desk: desk.clone() }))
        .add_service(EncryptionAdminServer::new(rpc::encryption_admin::EncryptionAdminService { desk }))
        .add_service(rpc::health::service(node))
        .add_service(v1)
        .add_service(v1alpha)
        .serve_with_incoming_shutdown(visitors, async move {
            drop(stopped.wait_for(|stopped| *stopped).await);
        })
        .await
        .map_err(|error| broken(&error))
}

/// Takes no more, finishes what is under way, hands leadership on, and closes what is open.
async fn shut_down(
    node: &Node,
    stop_serving: watch::Sender<bool>,
    server: elastickv_sys::task::JoinHandle<Result<(), Stop>>,
) -> Result<(), Stop> {
    node.switches.set_stopping();
    while node.coordinator.waiting() > 0 {
        tokio::time::sleep(LOOK).await;
    }
    let group = node.group();
    group.set_draining(true);
    if group.is_leader()
        && let Err(error) = group.transfer_away().await
    {
        tracing::info!(%error, "nobody takes over; the others will elect a leader");
    }
    stop_serving.send_replace(true);
    // Streams of peers do not end by themselves.
    drop(tokio::time::timeout(FINISH, server).await);
    group.shutdown().await.map_err(|error| Stop::fault("Fault", error, "start the node again"))?;
    tracing::info!("stopped");
    Ok(())
}

struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> Result<Self, Stop> {
        let failed = |error: std::io::Error| {
            Stop::refused("NoSignals", error.to_string(), "check the process's limits")
        };
        Ok(Self {
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    async fn recv(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
