"""The data folder, or what is in it."""

from __future__ import annotations

from kotaemon_desktop.core.errors.base import KotaemonError
from kotaemon_desktop.core.i18n import N_


class LibraryError(KotaemonError):
    """The data folder or what is in it. Fact: ``folder``."""

    template = N_("The library in {folder} cannot be used.")


class FolderInUse(LibraryError):
    template = N_("The data folder {folder} is in use by another running Kotaemon Desktop.")
    advice = N_("Close the other one, or choose another folder with --data-dir.")


class NewerLibrary(LibraryError):
    """Facts: ``folder``, ``found``, ``known``."""

    template = N_("The library in {folder} was written by a newer version (schema {found}, this one knows {known}).")
    advice = N_("Nothing was changed. Install the newer version to open it.")


class DamagedLibrary(LibraryError):
    """Facts: ``folder``, ``detail``."""

    template = N_("The library in {folder} is damaged ({detail}). Nothing was changed.")
    advice = N_(
        "Save what can still be read with: kotaemon-desktop verify --repair (the damaged file is kept). "
        "Or restore a backup with: kotaemon-desktop restore FILE"
    )


class LibraryUnavailable(LibraryError):
    """Facts: ``folder``, ``detail``."""

    template = N_("The library in {folder} cannot be opened or written ({detail}). Nothing was changed.")
    advice = N_("Check that the folder exists and that you may write in it.")


class LibraryGone(LibraryUnavailable):
    """The folder was moved, or its drive removed, while it was in use. Fact: ``folder``."""

    template = N_("The library is not in {folder} any more. Nothing was written; what was stored is where it is now.")
    advice = N_("Connect the drive again, or move the folder back; then go on here.")


class DiskFull(LibraryError):
    template = N_("The disk that holds {folder} is full. Everything stored before is kept.")
    advice = N_("Make some room, then try again.")


class BackupInvalid(LibraryError):
    """Facts: ``folder`` (the backup's path), ``detail``."""

    template = N_("{folder} is not a complete backup ({detail}). Nothing was changed.")
    advice = N_("Choose a file written by: kotaemon-desktop backup")


class FileTaken(LibraryError):
    """What is to be written would replace a file of another kind. Facts: ``folder`` (the file's path)."""

    template = N_("{folder} is there already and is no backup. Nothing was written.")
    advice = N_("Choose another name. An earlier backup may be replaced.")


class FolderAway(LibraryError):
    """The chosen data folder is not there now. Facts: ``folder``, ``pointer`` (the file that names it)."""

    template = N_("The folder with your data is not there: {folder}.")
    advice = N_("Connect the drive that it is on and start again; to begin anew in the usual place, delete {pointer}.")


class NothingThere(LibraryError):
    """Facts: ``folder`` (the path that was named)."""

    template = N_("{folder} does not exist.")
    advice = N_("Check how it is written.")


class WorkspaceNamed(LibraryError):
    """Facts: ``name`` (as it was asked for)."""

    template = N_("A workspace cannot be named “{name}”: there is one already, or it is no plain folder name.")
    advice = N_("Choose another name.")


class WorkspaceInUse(LibraryError):
    """Facts: ``name``."""

    template = N_("The workspace “{name}” stays: it is open, or the one that every data folder has.")
    advice = N_("Open another one first.")


class NotAConversation(LibraryError):
    """A file to import is no exported conversation. Facts: ``name``, ``detail``."""

    template = N_("“{name}” holds no conversation that this program has exported ({detail}).")
    advice = N_("Choose a JSON file that was made with “Export the conversation”.")


class NameTaken(LibraryError):
    """Fact: ``name``."""

    template = N_("There is a collection “{name}” already.")


class NoSuchCollection(LibraryError):
    """Fact: ``name``."""

    template = N_("There is no collection “{name}”.")
