"""Which internet addresses may be reached: public ones, and private networks that were named."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from layers.errors import InvalidInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

EVERY_ADDRESS = "1"
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: a gateway sends these on to the IPv4 address in their last four bytes."""


@dataclass(frozen=True)
class Reach:
    """What may be reached besides public addresses."""

    everything: bool = False
    networks: tuple[Network, ...] = ()

    def allows(self, address: Address) -> bool:
        """Tell whether a connection to this address may be opened."""
        real = real_address(address)
        return self.everything or is_public(real) or any(real in net for net in self.networks)


def parse_reach(text: str) -> Reach:
    """Read ``CIVICGRID_SYNC_PRIVATE``: ``1`` for every address, or networks between commas.

    Raises
    ------
    InvalidInput
        When something in it is no network.

    >>> parse_reach("10.1.0.0/16").allows(ipaddress.ip_address("10.1.2.3"))
    True
    """
    if text.strip() == EVERY_ADDRESS:
        return Reach(everything=True)
    return Reach(networks=tuple(_networks(text.split(","))))


def _networks(parts: Iterable[str]) -> Iterable[Network]:
    for part in filter(None, map(str.strip, parts)):
        if part == "0":
            continue
        try:
            yield ipaddress.ip_network(part)
        except ValueError as error:
            message = (
                f"CIVICGRID_SYNC_PRIVATE names {part!r}, which is no network. Give 1 for every "
                "address, or networks such as 10.1.0.0/16 with commas between them."
            )
            raise InvalidInput(message, field="CIVICGRID_SYNC_PRIVATE") from error


def real_address(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one carries or leads to, else the address itself.

    >>> str(real_address(ipaddress.ip_address("::ffff:127.0.0.1")))
    '127.0.0.1'
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to the public internet.

    Private, loopback, link-local, shared (100.64.0.0/10), documentation, reserved and multicast
    ranges do not; nor does Teredo, whose address of the other side cannot be seen.
    """
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or address.teredo is not None
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
