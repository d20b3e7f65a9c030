//! Who makes a call, and whether they may.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;
use elastickv_sys::clock::SharedClock;
use elastickv_tls::{Live, Sources};
use elastickv_types::NodeName;
use http::{Extensions, HeaderMap, header};
use tonic::Code;

use super::arrival::Arrival;
use super::subjects::{Role, Roles, Subjects};
use crate::access::{Class, FORWARDED, SNAPSHOT};
use crate::config::{Config, DoorFiles};
use crate::exit::Stop;
use crate::rpc::status::Refusal;

/// On whose behalf a call is made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Actor {
    /// Nobody said who they are.
    Anonymous,
    /// A member, or a node that is to become one.
    Node(NodeName),
    /// Whoever has this certificate.
    Certificate(Arc<str>, Roles),
    /// Whoever has this token.
    Token(Arc<str>, Roles),
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Anonymous => write!(f, "anonymous"),
            Actor::Node(name) => write!(f, "node:{name}"),
            Actor::Certificate(name, _) => write!(f, "certificate:{name}"),
            Actor::Token(name, _) => write!(f, "token:{name}"),
        }
    }
}

impl Actor {
    /// Whether they may say that they are this node. Where nobody is known, everybody may.
    pub fn check_is(&self, node: &str) -> Result<(), Refusal> {
        match self {
            Actor::Anonymous => Ok(()),
            Actor::Node(name) if name.as_str() == node => Ok(()),
            other => {
                let text = format!("{other} speaks for {node:?}");
                Err(Refusal::new(Code::PermissionDenied, "NotPermitted", text).with("actor", other))
            }
        }
    }

    /// Nodes keep each other's clusters going and pass on what they were asked, after asking whether it is allowed.
    /// On their own they read nothing, write nothing, and look after nothing.
    fn may(&self, call: &Call<'_>) -> bool {
        match (self, call.class) {
            (_, Class::Open) => true,
            (Actor::Anonymous, _) => false,
            (_, Class::Known | Class::State) => true,
            (Actor::Node(_), Class::Peer) => true,
            (Actor::Node(_), Class::Read | Class::Write) => call.headers.contains_key(FORWARDED),
            // The leader asks for one before a key goes.
            (Actor::Node(_), Class::Operate) => call.path == SNAPSHOT,
            (Actor::Node(_), Class::Admin) => false,
            (_, Class::Peer) => false,
            (Actor::Certificate(_, roles) | Actor::Token(_, roles), class) => {
                role(class).is_some_and(|role| roles.contains(&role))
            }
        }
    }
}

/// A call as it stands at the door.
#[derive(Debug)]
pub struct Call<'a> {
    pub class: Class,
    pub path: &'a str,
    pub extensions: &'a Extensions,
    pub headers: &'a HeaderMap,
}

impl<'a> Call<'a> {
    pub fn of<B>(class: Class, request: &'a http::Request<B>) -> Self {
        Self {
            class,
            path: request.uri().path(),
            extensions: request.extensions(),
            headers: request.headers(),
        }
    }
}

fn role(class: Class) -> Option<Role> {
    match class {
        Class::Open | Class::Known | Class::State | Class::Peer => None,
        Class::Read => Some(Role::Read),
        Class::Write => Some(Role::Write),
        Class::Operate => Some(Role::Operate),
        Class::Admin => Some(Role::Admin),
    }
}

/// The certificates and the subjects of a node that lets in only whom it knows.
#[derive(Debug)]
pub struct Locked {
    pub live: Arc<Live>,
    pub subjects: ArcSwap<Subjects>,
    pub access_file: PathBuf,
    /// The access file is not the one in use, and can not be.
    pub access_refused: AtomicBool,
}

/// Judges every call.
#[derive(Debug)]
pub struct Guard {
    pub clock: SharedClock,
    /// Nothing where everybody is let in.
    pub locked: Option<Locked>,
    /// Lets whoever is known do everything.
    #[cfg(feature = "testing")]
    pub without_roles: bool,
}

impl Guard {
    pub fn new(config: &Config, clock: SharedClock) -> Result<Self, Stop> {
        let locked =
            config.doors.as_ref().map(|files| Locked::new(files, &config.node_name, &clock)).transpose()?;
        Ok(Self {
            clock,
            locked,
            #[cfg(feature = "testing")]
            without_roles: config.without == Some(crate::config::Without::Roles),
        })
    }

    pub fn live(&self) -> Option<Arc<Live>> {
        self.locked.as_ref().map(|locked| locked.live.clone())
    }

    /// Whether the access file, and the certificates, stand there as they can not be used.
    pub fn refused_files(&self) -> (bool, bool) {
        let Some(locked) = &self.locked else { return (false, false) };
        (locked.access_refused.load(Ordering::Relaxed), locked.live.is_refused())
    }

    /// Says who makes a call of a class, if they may.
    pub fn judge(&self, call: &Call<'_>) -> Result<Actor, Refusal> {
        let Some(locked) = &self.locked else { return Ok(Actor::Anonymous) };
        if call.class == Class::Open {
            return Ok(Actor::Anonymous);
        }
        let arrival = call.extensions.get::<Arrival>();
        let actor = locked.recognise(arrival, call.headers, self.clock.unix_ms())?;
        if let Some(arrival) = arrival {
            arrival.recognised();
        }
        #[cfg(feature = "testing")]
        if self.without_roles {
            return Ok(actor);
        }
        match actor.may(call) {
            true => Ok(actor),
            false => Err(not_permitted(&actor, call.class)),
        }
    }
}

impl Locked {
    fn new(files: &DoorFiles, me: &NodeName, clock: &SharedClock) -> Result<Self, Stop> {
        let refused = |error: String| {
            Stop::refused(
                "DoorsUnusable",
                error,
                "mend the file that the line names, and start the node again",
            )
        };
        let sources = Sources {
            certificate: files.certificate.clone(),
            key: files.key.clone(),
            authority: files.authority.clone(),
        };
        let live =
            Live::load(sources, me.clone(), clock.unix_ms()).map_err(|error| refused(error.to_string()))?;
        let subjects = Subjects::load(&files.access).map_err(|error| refused(error.to_string()))?;
        Ok(Self {
            live: Arc::new(live),
            subjects: ArcSwap::from_pointee(subjects),
            access_file: files.access.clone(),
            access_refused: AtomicBool::new(false),
        })
    }

    /// Whoever shows a token is judged by it alone, whatever certificate the connection has.
    fn recognise(
        &self,
        arrival: Option<&Arrival>,
        headers: &HeaderMap,
        now_ms: u64,
    ) -> Result<Actor, Refusal> {
        let subjects = self.subjects.load();
        if let Some(shown) = headers.get(header::AUTHORIZATION) {
            let token = shown.to_str().ok().and_then(bearer);
            let found = token.and_then(|token| subjects.token(token));
            return match found {
                Some((name, roles)) => Ok(Actor::Token(name.into(), roles.clone())),
                None => Err(unauthenticated("UnknownToken", "the token is not known here")),
            };
        }
        let Some(shown) = arrival.and_then(|arrival| arrival.shown.as_ref()) else {
            return Err(unauthenticated("NoCredentials", "a client certificate or a token is needed"));
        };
        if shown.names.not_after_ms <= now_ms {
            let text = "the certificate of this connection has expired since it was made";
            return Err(unauthenticated("CertificateExpired", text));
        }
        if !shown.is_vouched_for(&self.live, now_ms) {
            let text = "the authority of this connection's certificate has been taken out since it was made";
            return Err(unauthenticated("AuthorityGone", text));
        }
        if let Some(node) = &shown.names.node {
            if subjects.refuses(node) {
                let text = format!("the access file refuses node {node}");
                return Err(unauthenticated("RefusedNode", text).with("actor", Actor::Node(node.clone())));
            }
            return Ok(Actor::Node(node.clone()));
        }
        let common = shown.names.common.as_deref().unwrap_or_default();
        match subjects.certificate(common) {
            Some(roles) => Ok(Actor::Certificate(common.into(), roles.clone())),
            None => {
                let text = format!("the access file does not list the certificate's name {common:?}");
                Err(unauthenticated("UnknownCertificate", text)
                    .with("actor", format!("certificate:{common}")))
            }
        }
    }
}

fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthenticated(why: &str, text: impl ToString) -> Refusal {
    Refusal::new(Code::Unauthenticated, "Unauthenticated", text).with("why", why)
}

/// Only members pass on what clients ask, and want a snapshot of each other.
pub fn not_a_member(actor: &Actor) -> Refusal {
    Refusal::new(Code::PermissionDenied, "NotPermitted", format!("{actor} is not a member of this cluster"))
        .with("actor", actor)
        .with("needs", "to be a member")
}

fn not_permitted(actor: &Actor, class: Class) -> Refusal {
    let text = format!("{actor} may not do this: it needs {}", class.needs());
    Refusal::new(Code::PermissionDenied, "NotPermitted", text)
        .with("actor", actor)
        .with("needs", class.needs())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Class; 8] = [
        Class::Open,
        Class::Known,
        Class::Peer,
        Class::State,
        Class::Read,
        Class::Write,
        Class::Operate,
        Class::Admin,
    ];

    fn allowed_for(actor: &Actor, path: &str, headers: &HeaderMap) -> Vec<Class> {
        let extensions = Extensions::new();
        let call = |class| Call { class, path, extensions: &extensions, headers };
        ALL.into_iter().filter(|class| actor.may(&call(*class))).collect()
    }

    fn allowed(actor: &Actor) -> Vec<Class> {
        allowed_for(actor, "/RawKV/RawGet", &HeaderMap::new())
    }

    #[test]
    fn each_role_allows_its_own_and_no_more() {
        use Class::*;
        let of = |role| Actor::Token("t".into(), Roles::from([role]));
        for (role, class) in
            [(Role::Read, Read), (Role::Write, Write), (Role::Operate, Operate), (Role::Admin, Admin)]
        {
            assert_eq!(allowed(&of(role)), [Open, Known, State, class]);
        }
        assert_eq!(allowed(&Actor::Anonymous), [Open]);
    }

    #[test]
    fn nodes_do_for_others_what_they_may_not_on_their_own() {
        use Class::*;
        let node = Actor::Node("n1".parse().unwrap());
        assert_eq!(allowed(&node), [Open, Known, Peer, State]);
        let forwarded = HeaderMap::from_iter([(FORWARDED.parse().unwrap(), "1".parse().unwrap())]);
        assert_eq!(allowed_for(&node, "/RawKV/RawGet", &forwarded), [Open, Known, Peer, State, Read, Write]);
        assert_eq!(allowed_for(&node, SNAPSHOT, &HeaderMap::new()), [Open, Known, Peer, State, Operate]);
        let client = Actor::Certificate("c".into(), Roles::new());
        assert_eq!(allowed_for(&client, SNAPSHOT, &forwarded), [Open, Known, State]);
    }

    #[test]
    fn a_token_is_shown_as_a_bearer() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc "), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("abc"), None);
    }
}
