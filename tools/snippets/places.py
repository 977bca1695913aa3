"""Where examples run: what takes the place of the host and the keyspace that they name."""

from __future__ import annotations

import re
from dataclasses import dataclass

HOST = re.compile(r"\b127\.0\.0\.1\b(?::9042\b)?")
HOSTS = re.compile(r'(?<=init_coodie\()hosts=\["127\.0\.0\.1"\]')
KEYSPACE = re.compile(r"\bmy_ks(_[a-z]+)?\b")
LONGEST_KEYSPACE = 48
CQL_PORT = 9042


@dataclass(frozen=True)
class Place:
    """A node and a keyspace on it.

    Attributes:
        address: the node as `init_coodie(hosts=[...])` takes it.
        keyspace: the keyspace's name.
        driver_type: the client library that examples connect with; None leaves it to `init_coodie`.
    """

    address: str
    keyspace: str
    driver_type: str | None = None

    def named_in(self, text: str) -> str:
        """Give an example with these names instead of `127.0.0.1` and `my_ks`, of which `my_ks_ann` is another one.

        >>> Place("127.0.0.2", "other").named_in('init_coodie(hosts=["127.0.0.1"], keyspace="my_ks")')
        'init_coodie(hosts=["127.0.0.2"], keyspace="other")'
        >>> Place("127.0.0.2", "other").named_in('create_keyspace("my_ks_ann")')
        'create_keyspace("other_ann")'
        >>> Place("127.0.0.2", "other", "rust").named_in('init_coodie(hosts=["127.0.0.1"])')
        'init_coodie(hosts=["127.0.0.2"], driver_type="rust")'
        """
        if self.driver_type is not None:
            text = HOSTS.sub(rf'\g<0>, driver_type="{self.driver_type}"', text)
        return KEYSPACE.sub(lambda found: self._keyspace(found[1] or ""), HOST.sub(self.address, text))

    def _keyspace(self, suffix: str) -> str:
        """Give the keyspace's name with something behind it, as long as names may be."""
        return self.keyspace[: LONGEST_KEYSPACE - len(suffix)] + suffix


def address_of(host: str, port: int) -> str:
    """Write a node's address the way `init_coodie` reads it, the usual port left out.

    >>> address_of("127.0.0.2", 9042), address_of("::1", 9142)
    ('127.0.0.2', '[::1]:9142')
    """
    if port == CQL_PORT:
        return host
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
