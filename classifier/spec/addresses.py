"""An address of an archive that somebody else serves: what it must look like, and which servers it may lead to.

Nothing is asked or resolved here, so that a form can refuse what cannot be before any server hears of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple, TypeAlias
from urllib.parse import quote, unquote, urlsplit

from classifier.spec.errors import InputError

IP: TypeAlias = IPv4Address | IPv6Address
LONGEST = 4_000  # characters; signed addresses take a thousand
LONGEST_HOST = 253  # as names are looked up
PORTS = {"http": 80, "https": 443}
SAFE = "/%:@!$&'()*+,;=~-._"  # that a path may hold as it is
NAT64 = IPv6Network("64:ff9b::/96")  # leads to the IPv4 address in its last bits
# What is not of the internet at large, whatever this Python's own tables say: private, shared, loopback, link-local, protocol
# assignments, documentation, relays, benchmarks, multicast and reserved.
OWN_4: tuple[str, ...] = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
)
OWN_4 += ("192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3")
OWN_4 += ("168.63.129.16/32",)  # public by its number, but a cloud's own (Azure's metadata)
PUBLIC_6 = (IPv6Network("2000::/3"), NAT64)
OWN_6 = ("2001::/23", "2001:db8::/32", "3fff::/20")  # protocol assignments with Teredo, documentation
OWN = tuple(ip_network(network) for network in (*OWN_4, *OWN_6))


class Place(NamedTuple):
    """What a connection to an address needs."""

    scheme: str
    host: str  # without brackets, in ASCII
    port: int
    target: str  # path and query, as they are asked for

    @property
    def name(self) -> str:
        """The last part of the path, as a file is called; the host where there is none."""
        return readable(self.target.partition("?")[0].rstrip("/").rpartition("/")[2]) or self.host

    @property
    def shown(self) -> str:
        """Without the query, which may hold a key."""
        return f"{self.host}{readable(self.target.partition('?')[0])}"


def readable(path: str) -> str:
    """A path with its letters in place of their codes, unless one of them cannot be seen: a database takes no NUL, a log no line."""
    plain = unquote(path)
    return plain if plain.isprintable() else path


def parsed(address: str) -> Place:
    """The parts of an http(s) address; InputError, with code "address", for whatever else."""
    if len(address) > LONGEST or any(letter.isspace() or not letter.isprintable() for letter in address):
        raise wrong(f"An address has at most {LONGEST:,} characters, without spaces.")
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise wrong("This is no address: its server's name or port cannot be read.") from None
    if parts.scheme not in PORTS or not host:
        raise wrong("An address begins with https:// or http:// and names a server, as in https://example.org/images.zip.")
    if parts.username is not None or parts.password is not None:
        raise wrong("The address holds a name or a password, which would be kept and shown; leave them out.")
    if len(host) > LONGEST_HOST:
        raise wrong(f"The name of a server has at most {LONGEST_HOST} characters; {len(host):,} came.")
    if port == 0:
        raise wrong("There is no port 0; leave it out.")
    target = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE + '?')}" if parts.query else "")
    return Place(parts.scheme, host, port or PORTS[parts.scheme], target)


def wrong(message: str) -> InputError:
    return InputError(message, code="address")


def networks(names: Iterable[str]) -> list[str]:
    """ "10.0.0.5" and "10.0.0.0/8" as networks; ValueError for what is none."""
    return [str(ip_network(name.strip(), strict=False)) for name in names if name.strip()]


def is_let(ip: IP, let: Iterable[str] = ()) -> bool:
    """Whether a server of that number may be asked: a public one, or one of the networks that an administrator lets through."""
    meant = [ip, *inside(ip)]
    if any(each in ip_network(network) for network in let for each in meant if each.version == ip_network(network).version):
        return True
    return all(is_public(each) for each in meant)


def is_public(ip: IP) -> bool:
    """Of the internet at large."""
    known = isinstance(ip, IPv4Address) or any(ip in network for network in PUBLIC_6)
    return known and not any(ip in network for network in OWN if network.version == ip.version)


def inside(ip: IP) -> list[IP]:
    """The IPv4 addresses to which an IPv6 one leads in the end: mapped, translated, or at the end of a tunnel."""
    if isinstance(ip, IPv4Address):
        return []
    translated = IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None
    return [each for each in (ip.ipv4_mapped, ip.sixtofour, translated) if each is not None]


def literal(host: str) -> IP | None:
    """The number that a host is written as; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
