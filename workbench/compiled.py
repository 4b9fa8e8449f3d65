"""The one way this package compiles numeric code: ``@compiled`` above a function.

Rules of the cache on disk:

1. It lives in ``WORKBENCH_CACHE_DIR``, else in the user's cache folder.
2. Its folder is named by a digest of every source file that may hold compiled code. A compiled function that calls
   another one from a second file is therefore never stale, which numba's own cache (one stamp per file) cannot promise.
3. A folder that may only be read is used as it is; one that cannot be used at all costs compile time, nothing else.
   Files are written atomically, so many processes may share the folder.
4. Each file begins with the digest of the rest. A file that does not fit its digest is compiled anew.

Nothing here uses ``fastmath``: every operation keeps its IEEE 754 meaning and order, so results are the same bytes
on every run. Functions release the GIL.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
import numpy as np
import platformdirs
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.runtime.nrt import rtsys
from numba.core.serialize import dumps

from workbench.atomic import write_atomically

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGE = Path(__file__).parent
SOURCES = ("compiled.py", "model/*.py", "strategy/*.py", "engine/*.py")
"""Where compiled functions and everything that they call may stand."""
DIGEST_SIZE = hashlib.sha256().digest_size


@cache
def cache_folder() -> Path:
    """The folder that holds compiled code of exactly this version of the sources."""
    base = os.environ.get("WORKBENCH_CACHE_DIR") or platformdirs.user_cache_dir("research-workbench", appauthor=False)
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(path for source in SOURCES for path in PACKAGE.glob(source)):
        digest.update(path.relative_to(PACKAGE).as_posix().encode())
        digest.update(path.read_bytes())
    return Path(base) / "compiled" / digest.hexdigest()[:16]


class _Locator(_CacheLocator):
    """Tells numba where one function's files lie; the folder's name is the freshness stamp."""

    def get_cache_path(self) -> str:
        return str(cache_folder())

    def get_source_stamp(self) -> str:
        return cache_folder().name

    def get_disambiguator(self) -> str:
        return ""


class _Serializer(CompileResultCacheImpl):
    def __init__(self, function: Callable[..., Any]) -> None:
        self._locator = _Locator()
        self._filename_base = f"{function.__module__}.{function.__qualname__}"


class _Files:
    """One file for each function, signature and processor: no shared index that two writers could tear."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _path(self, key: object) -> Path:
        return cache_folder() / f"{self._name}-{hashlib.sha256(repr(key).encode()).hexdigest()[:24]}.bin"

    def load(self, key: object) -> Any:
        whole = self._path(key).read_bytes()
        digest, data = whole[:DIGEST_SIZE], whole[DIGEST_SIZE:]
        return pickle.loads(data) if hashlib.sha256(data).digest() == digest else None

    def save(self, key: object, compiled_code: Any) -> None:
        data = dumps(compiled_code)
        write_atomically(self._path(key), hashlib.sha256(data).digest() + data)


class _Cache(FunctionCache):
    """numba's cache, except that a folder which fails us is a cache miss."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = repr(function)
        self._py_func = function
        self._impl = _Serializer(function)
        self._cache_path = self._impl.locator.get_cache_path()
        self._cache_file: Any = _Files(self._impl.filename_base)
        self.enable()

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        try:
            # numba would first register every function it knows (half a second, scipy included); code that is compiled
            # already needs only the memory runtime.
            rtsys.initialize(target_context)
            return self._load_overload(sig, target_context)
        except OSError:
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        try:
            super().save_overload(sig, data)
        except OSError:
            self.disable()


def _compile(function: Function, *, forceinline: bool = False) -> Function:
    dispatcher: Any = numba.njit(nogil=True, error_model="numpy", forceinline=forceinline)(function)
    if dispatcher is function:
        return _interpreted(function)
    dispatcher._cache = _Cache(function)
    return cast(Function, dispatcher)


def _interpreted(function: Function) -> Function:
    """For NUMBA_DISABLE_JIT=1: tables whose rows have ``row.field``, as in compiled code."""

    @wraps(function)
    def call(*args: Any) -> Any:
        return function(*map(_with_fields, args))

    return cast(Function, call)


class _Row(np.record):  # type: ignore[misc]  # final in the stubs only
    """A table's row. Its numbers are Python's, which are as wide as those that compiled code computes with."""

    def __getattribute__(self, name: str) -> Any:
        value = super().__getattribute__(name)
        return value.item() if isinstance(value, np.number) else value


def _with_fields(value: Any) -> Any:
    if isinstance(value, np.ndarray) and value.dtype.type is np.void and value.dtype.names is not None:
        return value.view(np.dtype((_Row, value.dtype)))
    return value


def compiled(function: Function) -> Function:
    """Compile ``function`` on first call, or load it from the cache. The types of its arguments select the version."""
    return _compile(function)


def inlined(function: Function) -> Function:
    """The same, and always copied into its compiled callers: for small functions with many arguments."""
    return _compile(function, forceinline=True)
