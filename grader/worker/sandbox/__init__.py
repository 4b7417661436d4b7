"""Confinement of the student's process, layer by layer: what is prepared once, and what is put upon each child.

A layer that this machine does not have is left out and not reported; the parent decides whether that is enough.
The order matters: Landlock and seccomp need no_new_privs, a change of user clears the tie to the parent's death, and
seccomp comes last because it refuses what the others need.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from . import identity, landlock, limits, seccomp

LAYERS = ("rlimits", "nobody", "landlock", "seccomp")
"""Every layer, in the order in which it is put on."""


@dataclass(frozen=True)
class Prepared:
    """What the zygote makes ready once for all its children."""

    layers: frozenset[str]
    ruleset: int | None
    filter: bytes | None
    base: int  # bytes of address space that a child starts with
    zygote: int


def prepare(readable: Iterable[str], layers: Collection[str] = LAYERS) -> Prepared:
    """Build the Landlock ruleset and the seccomp filter. `readable` lists the only paths that may be read."""
    ruleset = landlock.build_ruleset(readable) if "landlock" in layers else None
    refuse_files = "landlock" in layers and ruleset is None
    program = seccomp.build_filter(files=not refuse_files) if "seccomp" in layers else None
    return Prepared(frozenset(layers), ruleset, program, limits.address_space(), os.getpid())


def confine(prepared: Prepared, cpu_seconds: float, memory: int) -> tuple[str, ...]:
    """Put every layer upon this process, for good, and return the names of those that stand."""
    obtained = []
    if "rlimits" in prepared.layers and limits.limit_resources(cpu_seconds, memory, prepared.base):
        obtained.append("rlimits")
    if "nobody" in prepared.layers:
        if identity.become_nobody():  # which gives up every capability as well
            obtained.append("nobody")
        else:
            identity.drop_capabilities()
    identity.die_with_parent(prepared.zygote)
    if prepared.layers & {"nobody", "landlock", "seccomp"}:
        identity.close_to_others()
        identity.no_new_privileges()
    if prepared.ruleset is not None:
        if landlock.restrict(prepared.ruleset):
            obtained.append("landlock")
        os.close(prepared.ruleset)
    if prepared.filter is not None and seccomp.install(prepared.filter):
        obtained.append("seccomp")
    return tuple(obtained)
