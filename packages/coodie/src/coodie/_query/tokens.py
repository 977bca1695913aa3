"""Tokens as they are compared: of which key, with which number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coodie._model.tokens import Token
from coodie._schema.key_bytes import bytes_of, partition_bytes
from coodie.errors import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coodie._query.values import ValueReader
    from coodie._schema.columns import Column
    from coodie._schema.cql_types import ColumnType

_WORD = (1 << 64) - 1
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F


def token_reader(model: str, key: Sequence[Column], readers: Sequence[ValueReader]) -> ValueReader:
    """Reads a number, or the values of a partition key whose token it is.

    Args:
        model: the model's name.
        key: the columns of the partition key.
        readers: read a value of each.
    """

    def read(value: object) -> object:
        if isinstance(value, Token):
            return _token_of(model, key, readers, value)
        if type(value) is not int or not -(1 << 63) <= value < 1 << 63:
            raise InvalidValueError(model, key[0].field, "a token is a whole number of 64 bits, or Token(...) of a key")
        return value

    return read


def _token_of(model: str, key: Sequence[Column], readers: Sequence[ValueReader], token: Token) -> int:
    names = ", ".join(column.field for column in key)
    if len(token.parts) != len(key):
        given = f"Token() has {len(token.parts)} values, and the partition key {len(key)}"
        raise InvalidValueError(model, key[0].field, f"{given}; write Token({names})")
    for column in key:
        if _has_no_order(column.type):
            problem = "the server orders sets and maps before it makes a token of them; give the number that it says"
            raise InvalidValueError(model, column.field, problem)
    values = [read(value) for read, value in zip(readers, token.parts, strict=True)]
    return murmur3(partition_bytes([bytes_of(column.type, each) for column, each in zip(key, values, strict=True)]))


def _has_no_order(held: ColumnType) -> bool:
    return held.collection in ("set", "map") or any(map(_has_no_order, held.elements)) or held.user_type is not None


def murmur3(key: bytes) -> int:
    """The token of Cassandra's Murmur3Partitioner: the first half of MurmurHash 3 (x64, 128 bits), with signed bytes.

    >>> murmur3(b"Rome")
    -466125199279825503
    """
    first = second = 0
    whole = len(key) // 16 * 16
    for at in range(0, whole, 16):
        one = int.from_bytes(key[at : at + 8], "little")
        two = int.from_bytes(key[at + 8 : at + 16], "little")
        first ^= _mixed(one, _C1, 31, _C2)
        first = (_turned(first, 27) + second) * 5 + 0x52DCE729 & _WORD
        second ^= _mixed(two, _C2, 33, _C1)
        second = (_turned(second, 31) + first) * 5 + 0x38495AB5 & _WORD
    rest = key[whole:]
    second ^= _mixed(_signed(rest[8:]), _C2, 33, _C1)
    first ^= _mixed(_signed(rest[:8]), _C1, 31, _C2)
    first ^= len(key)
    second ^= len(key)
    first = first + second & _WORD
    second = second + first & _WORD
    token = _finished(first) + _finished(second) & _WORD
    token -= (token >> 63) << 64
    # The least token stands for the beginning of the ring, and no partition has it.
    return token if token != -(1 << 63) else (1 << 63) - 1


def _signed(rest: bytes) -> int:
    """What is left over, of which Cassandra takes each byte with its sign, all bits in front included."""
    found = 0
    for place, byte in enumerate(rest):
        found ^= (byte - (byte >> 7 << 8)) << 8 * place & _WORD
    return found


def _mixed(word: int, factor: int, bits: int, other: int) -> int:
    return _turned(word * factor & _WORD, bits) * other & _WORD


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (64 - bits)) & _WORD


def _finished(word: int) -> int:
    word = (word ^ word >> 33) * 0xFF51AFD7ED558CCD & _WORD
    word = (word ^ word >> 33) * 0xC4CEB9FE1A85EC53 & _WORD
    return word ^ word >> 33
