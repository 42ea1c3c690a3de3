"""Reports made on the workers of a dask.distributed scheduler, by the interface that the local pool has."""

from __future__ import annotations

__all__ = ["ClusterPool"]

from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from typing import Any

from s75lib.errors import ConfigError, RunError

_dask: Any = import_module("distributed.client")  # untyped
_CONNECT_WITHIN = 10  # seconds


class ClusterPool(Executor):
    """An executor over an existing scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    ConfigError
        If nothing answers there.

    Notes
    -----
    The workers need this version of s75lib, and notebooks, data and output folder under the same paths as
    here. A call whose worker is lost is done by another; what was half written is put aside and never seen.
    When the scheduler is lost, calls that are not done raise RunError.
    """

    def __init__(self, address: str) -> None:
        try:
            self._client = _dask.Client(address, timeout=_CONNECT_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"cluster: found no scheduler at {address!r}; expected an address such as "
                "tcp://10.0.0.5:8786. 'dask scheduler' starts one."
            ) from error

    @property
    def slots(self) -> int:
        """Calls that the cluster can do at once, at least one."""
        threads = self._client.nthreads()
        return max(sum(map(int, threads.values())), 1)

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Queue a call of a function that can be imported; see `concurrent.futures.Executor`."""
        future: Future[Any] = Future()
        # Not pure: the same call is asked for twice when a report is made again.
        remote = self._client.submit(function, *args, pure=False)
        future.set_running_or_notify_cancel()
        remote.add_done_callback(lambda done: _settle(future, done))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the scheduler, which lives on."""
        self._client.close(timeout=_CONNECT_WITHIN)


def _settle(future: Future[Any], remote: Any) -> None:
    """Hand over what came of a call."""
    try:
        future.set_result(remote.result())
    except (_dask.FutureCancelledError, OSError, TimeoutError) as error:
        lost = RunError("The scheduler was lost. What is finished is kept; run again for the rest.")
        lost.__cause__ = error
        future.set_exception(lost)
    except Exception as error:  # whatever the call raised is for whoever waits for it
        future.set_exception(error)
