"""What a row is known by, and what came before in the same run."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from reports.importing.mapping import Column
from reports.importing.source import Batch

HASH_BYTES = 16
BETWEEN_CELLS = "\x1f"

Hashes = npt.NDArray[np.uint64]


def row_hashes(batch: Batch, columns: Sequence[Column]) -> Any:
    """Return the hash of what the mapping reads of each row (`pyarrow.StringArray`, hexadecimal).

    Columns that the mapping does not read are left out: two rows that differ in them alone are the
    same report to us, and a new one that a source adds makes no row another.
    """
    cells = [batch.text(column) for column in columns]
    joined = pc.binary_join_element_wise(*cells, BETWEEN_CELLS)
    return pa.array(
        [
            hashlib.blake2b(row.encode(), digest_size=HASH_BYTES).hexdigest()
            for row in joined.to_pylist()
        ],
        pa.string(),
    )


def with_ordinals(hashes: Any, seen: "Seen") -> Any:
    """Return keys of rows that have none: the hash and, among equal rows, which one it is."""
    which = seen.ordinals(hashes)
    marks = pc.if_else(
        pa.array(which == 0),
        "",
        pc.binary_join_element_wise("-", pc.cast(pa.array(which + 1), pa.string()), ""),
    )
    return pc.binary_join_element_wise(hashes, marks, "")


class Seen:
    """The keys of a run so far, each as 64 bits: a few bytes a row, whatever the keys are."""

    def __init__(self) -> None:
        self._keys: Hashes = np.empty(0, np.uint64)
        self._values: Hashes = np.empty(0, np.uint64)

    def ordinals(self, keys: Any) -> npt.NDArray[np.int64]:
        """Return how often each key came before, and count it."""
        hashed = _hashed(keys)
        unique, inverse, counts = np.unique(hashed, return_inverse=True, return_counts=True)
        before, _ = self._known(unique)
        within = pd.Series(inverse).groupby(inverse).cumcount().to_numpy()
        self._keep(unique, before + counts.astype(np.uint64))
        return before.astype(np.int64)[inverse] + within

    def repeats(
        self, keys: Any, contents: Hashes
    ) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Return which keys came before in this run, and which of them with other content."""
        hashed = _hashed(keys)
        unique, first, inverse = np.unique(hashed, return_index=True, return_inverse=True)
        before, is_known = self._known(unique)
        kept = np.where(is_known, before, contents[first])
        is_first = np.zeros(len(hashed), bool)
        is_first[first[~is_known]] = True
        self._keep(unique, kept)
        return ~is_first, ~is_first & (kept[inverse] != contents)

    def _known(self, keys: Hashes) -> tuple[Hashes, npt.NDArray[np.bool_]]:
        """Return what was kept of keys, 0 where there is nothing, and which were known."""
        at = np.searchsorted(self._keys, keys)
        inside = np.minimum(at, max(len(self._keys) - 1, 0))
        if not len(self._keys):
            return np.zeros(len(keys), np.uint64), np.zeros(len(keys), bool)
        is_known = self._keys[inside] == keys
        return np.where(is_known, self._values[inside], 0).astype(np.uint64), is_known

    def _keep(self, keys: Hashes, values: Hashes) -> None:
        _, is_known = self._known(keys)
        self._values[np.searchsorted(self._keys, keys[is_known])] = values[is_known]
        at = np.searchsorted(self._keys, keys[~is_known])
        self._values = np.insert(self._values, at, values[~is_known])
        self._keys = np.insert(self._keys, at, keys[~is_known])


def _hashed(texts: Any) -> Hashes:
    return pd.util.hash_array(np.asarray(texts.to_pylist(), object), categorize=False)


def contents_of(batch: Batch, columns: Sequence[Column]) -> Hashes:
    """Return 64 bits of what the mapping reads of each row."""
    cells = [batch.text(column) for column in columns]
    return _hashed(pc.binary_join_element_wise(*cells, BETWEEN_CELLS))
