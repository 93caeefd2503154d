"""The commands that look after the data folder: status, models, export, backup, restore, verify."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kotaemon_desktop.cli import counts
from kotaemon_desktop.cli.output import DONE, FAILED, Output, fail, opened
from kotaemon_desktop.core.component_names import component_name, state_name
from kotaemon_desktop.core.errors import DamagedLibrary
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage import backup as keeping
from kotaemon_desktop.core.storage import export as exporting
from kotaemon_desktop.core.storage import repair as repairing
from kotaemon_desktop.core.storage import salvage as salvaging
from kotaemon_desktop.core.storage import verify as verifying

_WAITS = N_("{n} scanned page waits to be read")
_WAIT = N_("{n} scanned pages wait to be read")


def status(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001
    """Say what is there, what is in memory, and which processor runs the models."""
    with opened(folder) as engine:
        sample = engine.sampler.sample()
        provider = engine.generators.provider()
        components = [
            {
                "name": each.name,
                "state": each.state.value,
                "bytes": each.bytes,
                "idle_deadline": each.idle_deadline,
            }
            for each in engine.keeper.status()
        ]
        documents, passages = engine.library.counts()
        waiting = sum(len(scan.pages) for scan in engine.scans.wanted())
    result = {
        "documents": documents,
        "passages": passages,
        "scanned_pages_waiting": waiting,
        "components": components,
        "memory": {
            "program": sample.program,
            "system_used": sample.system_used,
            "system_available": sample.system_available,
            "system_total": sample.system_total,
            "gpu_used": sample.gpu_used,
            "gpu_total": sample.gpu_total,
        },
        "provider": {
            "name": provider.name,
            "why": provider.why,
            "passed": [{"name": name, "why": why} for name, why in provider.passed],
        },
        "data_folder": str(folder.root),
    }
    lines = [
        _("{documents}, {passages} in {folder}").format(
            documents=counts.documents(documents), passages=counts.passages(passages), folder=folder.section
        ),
        *(
            _("{component}: {state}, {megabytes} MB").format(
                component=component_name(each["name"]),
                state=state_name(each["state"]),
                megabytes=f"{each['bytes'] / 2**20:.0f}",
            )
            for each in components
        ),
        *([count(waiting, _WAITS, _WAIT)] if waiting else []),
        f"{provider.name}: {_(provider.why)}",
        *(_("not {provider}: {why}").format(provider=name, why=_(why)) for name, why in provider.passed),
    ]
    output.result(result, "\n".join(lines))
    return DONE


def export(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Write documents and conversations as files for other programs and for people."""
    with opened(folder) as engine:
        report = exporting.export(engine.library, engine.history, chosen.target)
    output.result(
        asdict(report),
        _("{documents}, {passages} and {conversations} written to {path}").format(
            documents=counts.documents(report.documents),
            passages=counts.passages(report.passages),
            conversations=count(report.conversations, N_("{n} conversation"), N_("{n} conversations")),
            path=report.path,
        ),
    )
    return DONE


def backup(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Write everything that cannot be made again to one file; the program may be running meanwhile."""
    report = keeping.backup(folder, chosen.target)
    output.result(
        asdict(report),
        _("{files}, {bytes} written to {path}").format(
            files=count(report.files, N_("{n} file"), N_("{n} files")),
            bytes=count(report.bytes, N_("{n} byte"), N_("{n} bytes")),
            path=report.path,
        ),
    )
    return DONE


def restore(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Bring a backup back; what was there is moved aside, not deleted."""
    with folder.lock():
        report = keeping.restore(chosen.source, folder)
    output.result(asdict(report), report.text())
    return DONE


def verify(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Check that everything is whole; damage is an error, a missing original is not."""
    report = verifying.verify(folder)
    mended: tuple[str, ...] = ()
    if chosen.repair:
        mended = report.problems
        _repair(folder, output)
        report = verifying.verify(folder)
    lines = [
        _("{documents}, {passages}: ").format(
            documents=counts.documents(report.documents), passages=counts.passages(report.passages)
        )
        + (_("sound") if report.sound else _("damaged")),
        *(_("mended: {problem}").format(problem=problem) for problem in mended),
        *report.problems,
        *(_("the file is gone, its text is kept: {path}").format(path=path) for path in report.missing),
    ]
    output.result(asdict(report) | {"sound": report.sound, "mended": mended}, "\n".join(lines))
    if report.sound:
        return DONE
    fail(_("the library is damaged: {problem}").format(problem=report.problems[0]))
    return FAILED


def _repair(folder: DataFolder, output: Output) -> None:
    """Mend the library, then the vector index from it."""
    with folder.lock():
        try:
            repairing.repair(folder)
        except DamagedLibrary:
            _salvage(folder, output)
    with opened(folder) as engine:
        for _event in engine.imports.resume():  # what has to be read again
            pass
        for done, total in engine.imports.sync_index():
            output.note(_("vector index: {done} of {total}").format(done=done, total=total))


def _salvage(folder: DataFolder, output: Output) -> None:
    for event in salvaging.salvage(folder):
        if isinstance(event, salvaging.SalvageReport):
            for line in event.lines():
                output.note(line)


def shrink(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001
    """Give unused room back to the disk and say how much that was."""
    with opened(folder) as engine:
        report = engine.shrink()
    freed = max(0, report.before - report.after)
    output.result(
        asdict(report) | {"freed": freed},
        _("{freed} MB came back, {after} MB are needed").format(
            freed=f"{freed / 2**20:.1f}", after=f"{report.after / 2**20:.1f}"
        ),
    )
    return DONE
