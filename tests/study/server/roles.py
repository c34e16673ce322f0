"""What ``adis-bench study serve`` tells a server of a key."""

from adis_bench.study.records import Key
from adis_bench.study.server.filling import Roles


def roles_of(key: Key) -> Roles:
    """Repeats, and gold items to be spread."""
    gold = frozenset(item_id for item_id, item in key.items.items() if item.kind == "gold")
    return Roles({item_id: item.repeats for item_id, item in key.items.items() if item.repeats}, gold)
