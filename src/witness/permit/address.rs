//! Which addresses are not of the public internet, and what they are. A function of the address alone.
//!
//! Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses (RFC 6890 and what changed since), RFC 4291
//! section 2.5 (only `2000::/3` is given out), RFC 6052 (NAT64), RFC 3056 (6to4).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First and last address of a range, and what it is.
type Range4 = ([u8; 4], u8, &'static str);

const RANGES_4: [Range4; 18] = [
    // Before the range it lies in: whoever reads the reason wants to know that it was this one.
    ([169, 254, 169, 254], 32, "the metadata service of a cloud"),
    ([100, 100, 100, 200], 32, "the metadata service of a cloud"),
    ([192, 0, 0, 192], 32, "the metadata service of a cloud"),
    // Of a public range, and answered by the machine that the virtual one runs on.
    ([168, 63, 129, 16], 32, "the host of a cloud machine"),
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "a private network"),
    ([100, 64, 0, 0], 10, "a network shared behind a provider"),
    ([127, 0, 0, 0], 8, "this machine"),
    ([169, 254, 0, 0], 16, "the local link"),
    ([172, 16, 0, 0], 12, "a private network"),
    ([192, 0, 0, 0], 24, "reserved for protocols"),
    ([192, 0, 2, 0], 24, "reserved for documentation"),
    ([192, 88, 99, 0], 24, "a tunnel (6to4)"),
    ([192, 168, 0, 0], 16, "a private network"),
    ([198, 18, 0, 0], 15, "reserved for benchmarks"),
    ([198, 51, 100, 0], 24, "reserved for documentation"),
    ([203, 0, 113, 0], 24, "reserved for documentation"),
    // 224.0.0.0/4 and 240.0.0.0/4, the broadcast address with them.
    ([224, 0, 0, 0], 3, "multicast, broadcast or reserved"),
];

/// The address as it is connected to: an IPv4 address that is written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address.
pub(super) fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// What an address is when it is not one of the public internet.
pub(super) fn special(address: IpAddr) -> Option<&'static str> {
    match plain(address) {
        IpAddr::V4(four) => special_4(four),
        IpAddr::V6(six) => special_6(six),
    }
}

fn special_4(address: Ipv4Addr) -> Option<&'static str> {
    let bits = u32::from(address);
    let within = |(base, length, _): &&Range4| {
        let mask = u32::MAX.checked_shl(32 - u32::from(*length)).unwrap_or(0);
        bits & mask == u32::from(Ipv4Addr::from(*base))
    };
    RANGES_4.iter().find(within).map(|(_, _, what)| *what)
}

fn special_6(address: Ipv6Addr) -> Option<&'static str> {
    let parts = address.segments();
    match parts {
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("this machine"),
        // A translator connects to the IPv4 address in the last 32 bits.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => special_4(last_32_bits(parts)),
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] => Some("the metadata service of a cloud"),
        [first, ..] if first & 0xfe00 == 0xfc00 => Some("a private network"),
        [first, ..] if first & 0xff80 == 0xfe80 => Some("the local link or a private network"),
        [first, ..] if first & 0xff00 == 0xff00 => Some("multicast"),
        [first, ..] if first & 0xe000 != 0x2000 => Some("no public address"),
        // Teredo, benchmarks, ORCHID and other uses of protocols.
        [0x2001, second, ..] if second < 0x200 => Some("reserved for protocols"),
        [0x2001, 0xdb8, ..] => Some("reserved for documentation"),
        [0x2002, ..] => Some("a tunnel (6to4)"),
        [0x3fff, second, ..] if second < 0x1000 => Some("reserved for documentation"),
        _ => None,
    }
}

fn last_32_bits(parts: [u16; 8]) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(parts[6]) << 16) | u32::from(parts[7]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> Option<&'static str> {
        special(text.parse().expect(text))
    }

    #[test]
    fn every_address_that_is_not_public_is_known() {
        for private in [
            "0.0.0.0",
            "0.255.1.2",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.9",
            "168.63.129.16",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.255.255",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:a9fe:a9fe",
            "64:ff9b::7f00:1",
            "64:ff9b::169.254.169.254",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:0:4136:e378:8000:63bf:3fff:fdd2",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fdff::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(of(private).is_some(), "{private} is taken for a public address");
        }
        assert_eq!(of("169.254.169.254"), Some("the metadata service of a cloud"));
        assert_eq!(of("169.254.1.1"), Some("the local link"));
        assert_eq!(of("::ffff:192.168.1.1"), Some("a private network"));
    }

    #[test]
    fn public_addresses_are_public() {
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "128.0.0.1",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "3ffe::1",
        ] {
            assert_eq!(of(public), None, "{public}");
        }
    }

    proptest! {
        /// Every way in which IPv6 carries an IPv4 address says of it what the address says of itself, or more.
        #[test]
        fn no_ipv6_address_hides_a_private_ipv4_address(bits: u32) {
            let four = Ipv4Addr::from(bits);
            let [high, low] = [(bits >> 16) as u16, bits as u16];
            let mapped = IpAddr::V6(four.to_ipv6_mapped());
            prop_assert_eq!(special(mapped), special(IpAddr::V4(four)));
            let translated = IpAddr::V6(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, high, low));
            prop_assert_eq!(special(translated), special(IpAddr::V4(four)));
            let compatible = Ipv6Addr::new(0, 0, 0, 0, 0, 0, high, low);
            prop_assert!(special(IpAddr::V6(compatible)).is_some());
            prop_assert!(special(IpAddr::V6(Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1))).is_some());
        }

        /// What the standard library calls private in any sense is never public here.
        #[test]
        fn what_the_standard_library_knows_is_known(bits: u32, six: u128) {
            let four = Ipv4Addr::from(bits);
            let known = four.is_private() || four.is_loopback() || four.is_link_local() || four.is_multicast()
                || four.is_broadcast() || four.is_documentation() || four.is_unspecified();
            prop_assert!(!known || special(IpAddr::V4(four)).is_some());
            let six = Ipv6Addr::from(six);
            let known = six.is_loopback() || six.is_multicast() || six.is_unspecified()
                || six.is_unique_local() || six.is_unicast_link_local();
            prop_assert!(!known || special(IpAddr::V6(six)).is_some());
        }
    }
}
