//! The server as far as it stands. The domain: each transition, each violation, and random sequences of commands against
//! a plain model. The store: what is kept is kept, whatever happens. The services, called as clients call them.
//! One program, so that it is linked once.

#![allow(clippy::unwrap_used, reason = "a test that meets nothing where it expects something has failed")]

#[path = "domain/archives.rs"]
mod archives;
#[path = "domain/copies.rs"]
mod copies;
#[path = "domain/descriptors.rs"]
mod descriptors;
#[path = "domain/divergences.rs"]
mod divergences;
#[path = "domain/downloads.rs"]
mod downloads;
#[path = "domain/invariants.rs"]
mod invariants;
#[path = "domain/items.rs"]
mod items;
#[path = "domain/libraries.rs"]
mod libraries;
#[path = "domain/model.rs"]
mod model;
#[path = "domain/model_downloads.rs"]
mod model_downloads;
#[path = "domain/pair.rs"]
mod pair;
#[path = "domain/random.rs"]
mod random;
#[path = "domain/session_files.rs"]
mod session_files;
#[path = "domain/transfers.rs"]
mod transfers;
#[path = "domain/update_sessions.rs"]
mod update_sessions;
#[path = "domain/world.rs"]
mod world;

#[path = "divergences/complaints.rs"]
mod complaints;
#[path = "divergences/elsewhere.rs"]
mod elsewhere;
#[path = "divergences/transfers.rs"]
mod sent_files;
#[path = "divergences/sessions.rs"]
mod sessions;
#[path = "divergences/tables.rs"]
mod tables;
#[path = "divergences/wire.rs"]
mod wire;

#[path = "model/compared.rs"]
mod compared;
#[path = "model/over_http.rs"]
mod model_over_http;
#[path = "model/player.rs"]
mod player;

#[path = "services/bytes_over_http.rs"]
mod bytes_over_http;
#[path = "services/changes.rs"]
mod changes;
#[path = "services/configuration.rs"]
mod configuration;
#[path = "services/govc.rs"]
mod govc;
#[path = "services/govc_more.rs"]
mod govc_more;
#[path = "services/item.rs"]
mod item;
#[path = "services/item_file.rs"]
mod item_file;
#[path = "services/library.rs"]
mod library;
#[path = "services/local_library.rs"]
mod local_library;
#[path = "services/packages.rs"]
mod packages;
#[path = "services/security_policies.rs"]
mod security_policies;
#[path = "services/served.rs"]
mod served;
#[path = "services/storage.rs"]
mod storage;
#[path = "services/subscriptions.rs"]
mod subscriptions;
#[path = "services/trusted_certificates.rs"]
mod trusted_certificates;
#[path = "services/type_.rs"]
mod type_;
#[path = "services/update_session.rs"]
mod update_session;
#[path = "services/usages.rs"]
mod usages;

#[path = "store/blobs.rs"]
mod blobs;
#[path = "store/crashes.rs"]
mod crashes;
#[path = "store/directory.rs"]
mod directory;
#[path = "store/faults.rs"]
mod faults;
#[path = "store/housekeeping.rs"]
mod housekeeping;
#[path = "store/ledger.rs"]
mod ledger;
#[path = "store/records.rs"]
mod records;
#[path = "store/scratch.rs"]
mod scratch;

#[path = "operations/config.rs"]
mod operations_config;
#[path = "operations/limits.rs"]
mod operations_limits;
#[path = "operations/program.rs"]
mod operations_program;
#[path = "operations/tls.rs"]
mod operations_tls;
#[path = "operations/users.rs"]
mod operations_users;
#[path = "formats/ova.rs"]
mod ova;
#[path = "formats/certificates.rs"]
mod ovf_certificates;
#[path = "formats/descriptors.rs"]
mod ovf_descriptors;
#[path = "formats/manifests.rs"]
mod ovf_manifests;
#[path = "formats/tar.rs"]
mod tar;

#[path = "reliability/content.rs"]
mod content;
#[path = "reliability/editor.rs"]
mod editor;
#[path = "reliability/failing_blobs.rs"]
mod failing_blobs;
#[path = "reliability/failing_disks.rs"]
mod failing_disks;
#[path = "reliability/killable.rs"]
mod killable;
#[path = "reliability/kills.rs"]
mod kills;
#[path = "reliability/machine.rs"]
mod machine;
#[path = "reliability/offshoots.rs"]
mod offshoots;
#[path = "reliability/random_numbers.rs"]
mod random_numbers;
#[path = "soap/sdk.rs"]
mod sdk;

#[path = "vcsp/disturbances.rs"]
mod disturbances;
#[path = "vcsp/follower.rs"]
mod follower;
#[path = "vcsp/following.rs"]
mod following;
#[path = "vcsp/liars.rs"]
mod liars;
#[path = "vcsp/publishing.rs"]
mod publishing;
#[path = "vcsp/shelf.rs"]
mod shelf;
#[path = "vcsp/synchronising.rs"]
mod synchronising;

#[path = "security/hostile.rs"]
mod hostile;
#[path = "security/others.rs"]
mod others;
#[path = "security/sizes.rs"]
mod sizes;

#[path = "pull/origin.rs"]
mod origin;
#[path = "pull/outbound.rs"]
mod outbound;
#[path = "pull/pulls.rs"]
mod pulls;
#[path = "pull/session.rs"]
mod session;
