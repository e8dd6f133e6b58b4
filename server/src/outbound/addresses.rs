//! Which addresses may be connected to: those of the internet, and of other networks those that the settings name.
//!
//! In: a host. Out: addresses to connect to, or a [`Failure`] that names the first one that may not be. An address that
//! holds an older one (mapped, translated, 6to4) counts as that one, so none has a second spelling.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use vapi::runtime::client::{BoxFuture, Resolver, TransportError, TransportErrorKind};

use super::Failure;

/// Some addresses, `10.0.0.0/8`, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    first: IpAddr,
    n_bits: u8,
}

impl Network {
    const fn v4(first: [u8; 4], n_bits: u8) -> Network {
        let [a, b, c, d] = first;
        Network { first: IpAddr::V4(Ipv4Addr::new(a, b, c, d)), n_bits }
    }

    const fn v6(a: u16, b: u16, c: u16, n_bits: u8) -> Network {
        Network { first: IpAddr::V6(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)), n_bits }
    }

    /// Whether the address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.checked_shr(32 - u32::from(self.n_bits)).unwrap_or(0) == 0
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.checked_shr(128 - u32::from(self.n_bits)).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let none =
            || format!("`{text}` is no network; write one like `10.0.0.0/8`, `fd00::/8` or `192.0.2.7`");
        let (first, n_bits) = text.trim().split_once('/').map_or((text.trim(), None), |(a, b)| (a, Some(b)));
        let first: IpAddr = first.parse().map_err(|_| none())?;
        let n_bits_max = if first.is_ipv4() { 32 } else { 128 };
        let n_bits = n_bits.map_or(Ok(n_bits_max), |n_bits| n_bits.parse().map_err(|_| none()))?;
        if n_bits <= n_bits_max { Ok(Network { first, n_bits }) } else { Err(none()) }
    }
}

impl TryFrom<String> for Network {
    type Error = String;

    fn try_from(text: String) -> Result<Network, String> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> String {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.n_bits)
    }
}

/// Networks that are not the internet, with what they are called; the registries of special addresses by IANA (RFC 6890
/// and those after it), and the addresses that clouds answer their machines at.
const SPECIAL: [(Network, Special); 28] = [
    (Network::v4([127, 0, 0, 0], 8), Special::Private("the server itself")),
    (Network::v4([10, 0, 0, 0], 8), Special::Private("in a private network")),
    (Network::v4([172, 16, 0, 0], 12), Special::Private("in a private network")),
    (Network::v4([192, 168, 0, 0], 16), Special::Private("in a private network")),
    (Network::v4([100, 64, 0, 0], 10), Special::Private("in a provider's own network")),
    (Network::v4([0, 0, 0, 0], 8), Special::Other("the server itself")),
    (
        Network::v4([169, 254, 0, 0], 16),
        Special::Other("link-local, where clouds tell machines their secrets"),
    ),
    (Network::v4([168, 63, 129, 16], 32), Special::Other("where a cloud answers its machines")),
    (Network::v4([192, 0, 0, 0], 24), Special::Other("reserved")),
    (Network::v4([192, 0, 2, 0], 24), Special::Other("reserved for examples")),
    (Network::v4([192, 88, 99, 0], 24), Special::Other("reserved")),
    (Network::v4([198, 18, 0, 0], 15), Special::Other("reserved for measurements")),
    (Network::v4([198, 51, 100, 0], 24), Special::Other("reserved for examples")),
    (Network::v4([203, 0, 113, 0], 24), Special::Other("reserved for examples")),
    (Network::v4([224, 0, 0, 0], 4), Special::Other("multicast")),
    (Network::v4([240, 0, 0, 0], 4), Special::Other("reserved")),
    (Network { first: IpAddr::V6(Ipv6Addr::LOCALHOST), n_bits: 128 }, Special::Private("the server itself")),
    (Network::v6(0xFC00, 0, 0, 7), Special::Private("in a private network")),
    (Network::v6(0xFE80, 0, 0, 10), Special::Other("link-local")),
    (Network::v6(0xFEC0, 0, 0, 10), Special::Other("in a site's own network")),
    (Network::v6(0xFF00, 0, 0, 8), Special::Other("multicast")),
    (Network::v6(0x64, 0xFF9B, 1, 48), Special::Other("in a network's own translation")),
    (Network::v6(0x100, 0, 0, 64), Special::Other("reserved")),
    (Network::v6(0x2001, 0, 0, 23), Special::Other("reserved")),
    (Network::v6(0x2001, 0xDB8, 0, 32), Special::Other("reserved for examples")),
    (Network::v6(0x3FFF, 0, 0, 20), Special::Other("reserved for examples")),
    (Network::v6(0x5F00, 0, 0, 16), Special::Other("reserved")),
    // The server itself, and what nobody has yet.
    (Network::v6(0, 0, 0, 3), Special::Other("reserved")),
];

/// What kind of network is not the internet.
#[derive(Clone, Copy)]
enum Special {
    /// Where people have machines.
    Private(&'static str),
    /// Where nobody has files.
    Other(&'static str),
}

fn special(address: IpAddr) -> Option<Special> {
    let found = SPECIAL.iter().find(|(network, _)| network.contains(address));
    let is_given_out = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => address.segments()[0] >> 13 == 1,
    };
    found.map(|(_, special)| *special).or((!is_given_out).then_some(Special::Other("reserved")))
}

/// The older address that a newer one holds: mapped, compatible, translated (RFC 6052) or 6to4.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let v4 = |high: u16, low: u16| IpAddr::V4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)));
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] | [0, 0, 0, 0, 0xFFFF, 0, high, low] => v4(high, low),
        [0x64, 0xFF9B, 0, 0, 0, 0, high, low] => v4(high, low),
        // Of the server itself, which is one too, there is no older form.
        [0, 0, 0, 0, 0, 0, high, low] if high > 0 => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        _ => address,
    }
}

/// Lets nobody through to where the server stands.
#[derive(Debug)]
pub(super) struct Guard {
    names: Arc<dyn Resolver>,
    allow_private: bool,
    allowed: Vec<Network>,
    lookup_ms: u64,
}

impl Guard {
    pub(super) fn new(
        names: Arc<dyn Resolver>,
        allow_private: bool,
        allowed: Vec<Network>,
        lookup_ms: u64,
    ) -> Guard {
        Guard { names, allow_private, allowed, lookup_ms }
    }

    fn check(&self, host: &str, address: IpAddr) -> Result<(), Failure> {
        let meant = plain(address);
        if self.allowed.iter().any(|network| network.contains(address) || network.contains(meant)) {
            return Ok(());
        }
        let network = match special(meant) {
            None => return Ok(()),
            Some(Special::Private(_)) if self.allow_private => return Ok(()),
            Some(Special::Private(network) | Special::Other(network)) => network,
        };
        Err(Failure::Forbidden { host: host.to_owned(), address, network })
    }

    /// Looks at a host as far as it can be told without looking a name up: what a proxy is asked for is seen nowhere else.
    pub(super) fn check_written(&self, host: &str) -> Result<(), Failure> {
        let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let is_local = name == "localhost" || name.ends_with(".localhost");
        let address = name.parse().ok().or_else(|| of_numbers(&name).map(IpAddr::V4));
        match address.or(is_local.then_some(IpAddr::V4(Ipv4Addr::LOCALHOST))) {
            Some(address) => self.check(host, address),
            None => Ok(()),
        }
    }
}

impl Resolver for Guard {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, Result<Vec<SocketAddr>, TransportError>> {
        Box::pin(async move {
            let lookup = self.names.resolve(host, port);
            let found = match timeout(Duration::from_millis(self.lookup_ms), lookup).await {
                Ok(found) => found?,
                Err(_) => return Err(refused(unresolved(host, "no answer in time"))),
            };
            let mut allowed = Vec::new();
            let mut first_refusal = None;
            for address in found {
                match self.check(host, address.ip()) {
                    Ok(()) => allowed.push(address),
                    Err(refusal) => first_refusal = first_refusal.or(Some(refusal)),
                }
            }
            if allowed.is_empty() {
                return Err(refused(first_refusal.unwrap_or_else(|| unresolved(host, "it has no address"))));
            }
            Ok(allowed)
        })
    }
}

fn unresolved(host: &str, fault: &str) -> Failure {
    Failure::Unresolved { host: host.to_owned(), fault: fault.to_owned() }
}

/// A failure on its way through the transport.
fn refused(failure: Failure) -> TransportError {
    TransportError::new(TransportErrorKind::Other, "it is not connected to").caused_by(failure)
}

/// An address of one to four numbers, decimal, octal or hexadecimal, as the C library has read them since 1983.
fn of_numbers(text: &str) -> Option<Ipv4Addr> {
    let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
    let numbers = numbers?;
    let (last, bytes) = numbers.split_last()?;
    let n_last_bits =
        32_u32.checked_sub(8 * u32::try_from(bytes.len()).ok()?).filter(|&n_bits| n_bits > 0)?;
    if bytes.iter().any(|&byte| byte > 255) || u64::from(*last) >= 1 << n_last_bits {
        return None;
    }
    let high = bytes.iter().zip([24, 16, 8]).fold(0, |bits, (byte, shift)| bits | byte << shift);
    Some(Ipv4Addr::from_bits(high | last))
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some("") => Some(0),
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u32::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

/// The names that the system knows.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, Result<Vec<SocketAddr>, TransportError>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, port)).await;
            found.map(Iterator::collect).map_err(|error| refused(unresolved(host, &error.to_string())))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(allow_private: bool, allowed: &[&str]) -> Guard {
        let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
        Guard::new(Arc::new(SystemResolver), allow_private, allowed, 1_000)
    }

    #[test]
    fn the_internet_is_let_through_and_nothing_else() {
        let check = |text: &str, is_allowed: bool| {
            assert_eq!(guard(false, &[]).check_written(text).is_ok(), is_allowed, "{text}");
        };
        for text in
            ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "example.com", "1.example"]
        {
            check(text, true);
        }
        for text in [
            "127.0.0.1",
            "127.255.255.254",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "169.254.169.254",
            "168.63.129.16",
            "192.0.0.8",
            "192.0.2.1",
            "198.19.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.2.3",
            "240.0.0.1",
            "255.255.255.255",
        ] {
            check(text, false);
        }
        for text in [
            "::",
            "::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
            "4000::1",
            "64:ff9b:1::1",
        ] {
            check(text, false);
        }
    }

    #[test]
    fn an_address_has_no_second_spelling() {
        let check = |text: &str, is_allowed: bool| {
            assert_eq!(guard(false, &[]).check_written(text).is_ok(), is_allowed, "{text}");
        };
        for text in [
            "2130706433",
            "0x7f000001",
            "017700000001",
            "0x7F.1",
            "127.1",
            "127.0.1",
            "0177.0.0.1",
            "127.0.0.1.",
            "0",
            "0x",
            "::ffff:127.0.0.1",
            "::ffff:7f00:1",
            "::ffff:0:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
        ] {
            check(text, false);
        }
        for text in [
            "16843009",
            "0x01010101",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::",
            "256.1",
            "1.2.3.4.5",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn settings_let_more_through() {
        let check = |allow_private: bool, allowed: &[&str], text: &str, is_allowed: bool| {
            let found = guard(allow_private, allowed).check_written(text);
            assert_eq!(found.is_ok(), is_allowed, "{text} with {allow_private} {allowed:?}");
        };
        for text in ["127.0.0.1", "10.0.0.1", "::1", "fd00::1", "localhost"] {
            check(true, &[], text, true);
        }
        for text in ["169.254.169.254", "224.0.0.1", "0.0.0.0", "fe80::1"] {
            check(true, &[], text, false);
        }
        check(false, &["10.1.0.0/16"], "10.1.255.1", true);
        check(false, &["10.1.0.0/16"], "::ffff:10.1.2.3", true);
        check(false, &["10.1.0.0/16"], "10.2.0.1", false);
        check(false, &["169.254.169.254"], "169.254.169.254", true);
        check(false, &["169.254.169.254"], "169.254.169.253", false);
        check(false, &["fd00::/8"], "fd12::1", true);
        check(false, &["0.0.0.0/0"], "127.0.0.1", true);
        check(false, &["0.0.0.0/0"], "::1", false);
        check(false, &["::/0"], "::1", true);
    }

    #[test]
    fn networks_are_read_as_they_are_written() {
        for text in ["10.0.0.0/8", "fd00::/8", "0.0.0.0/0", "1.2.3.4/32"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        assert_eq!("::1".parse::<Network>().unwrap().to_string(), "::1/128");
        for text in ["10.0.0.0/33", "::/129", "10/8", "example.com", "10.0.0.0/", "10.0.0.0/-1", ""] {
            assert!(text.parse::<Network>().is_err_and(|words| words.contains("10.0.0.0/8")), "{text}");
        }
    }
}
