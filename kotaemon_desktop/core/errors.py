"""Every error that a person may read: what happened, what was kept, what to do next.

    KotaemonError
    ├── ReadError            a file could not be imported; the file itself is untouched
    │   ├── EmptyFile  Encrypted  Damaged  UnknownFormat (OldFormat)  NoText (NoTextInside)  TooLarge (TooMuchMemory)
    │   ├── Unreadable  NoFile  StillChanging  FileChanged  ReaderCrashed  TooSlow
    ├── ComponentError       a component in a child process did not do its work
    │   ├── AnswerResumed  ProviderLost  ThoughtTooLong  VectorServerFailed
    │   ├── PluginBroken  PluginMissing
    │   ├── WakeFailed  ComponentCrashed  ComponentTimedOut  ComponentFailed  DoesNotFit  BreakerOpen
    ├── LibraryError         the data folder or what is in it
    │   ├── FolderAway
    │   ├── FolderInUse  NewerLibrary  DamagedLibrary  LibraryUnavailable (LibraryGone)  DiskFull
    │   ├── BackupInvalid  NothingThere
    │   ├── NotAConversation  NameTaken  NoSuchCollection
    ├── ModelError           a model on disk or its graph
    │   ├── ModelNotFound  ModelIncomplete  UnsupportedModel  DownloadFailed  Offline  ModelInUse  NoSpace
    │   ├── PromptTooLong
    │   ├── RemoteError      a model that another program serves
    │   │   ├── RemoteUnreachable  RemoteRefused  RemoteBusy  RemoteSlow  RemoteCut  RemoteUnknownModel  RemoteFailed
    ├── PipelineNotFound     a question asks for a way to answer that nobody has declared
    └── SettingsError        kotaemon.yaml holds something that does not fit
        └── SettingRefused   a new value does not

An error is a class with a template and named facts, so that it crosses a process border as data and is translated
when it is shown, not when it is raised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.i18n import N_, _, harmless, sentences


class KotaemonError(Exception):
    """Base of all errors with a message for people.

    ``template`` says what happened and what was kept, ``advice`` what to do next; both may name ``facts``.
    """

    template: ClassVar[str] = N_("Something went wrong.")
    advice: ClassVar[str] = ""

    def __init__(self, **facts: object) -> None:
        super().__init__(self.template)
        self.facts = facts

    def __str__(self) -> str:
        advice = _(self.advice) if self.advice else ""
        return sentences(_(self.template), advice).format(**self.shown_facts())

    def shown_facts(self) -> dict[str, object]:
        """Return the facts as people read them."""
        return self.facts

    def __reduce__(self) -> tuple[Callable[..., KotaemonError], tuple[Any, ...]]:
        return _rebuild, (type(self), self.facts)


def _rebuild(kind: type[KotaemonError], facts: dict[str, object]) -> KotaemonError:
    return kind(**facts)


class ReadError(KotaemonError):
    """A file could not be imported. The file is untouched and the rest of the import goes on. Fact: ``name``."""

    template = N_("“{name}” could not be read.")

    def shown_facts(self) -> dict[str, object]:
        return self.facts | {"name": harmless(str(self.facts.get("name", "")))}


class EmptyFile(ReadError):
    template = N_("“{name}” is empty (0 bytes).")


class Encrypted(ReadError):
    template = N_("“{name}” is protected by a password.")
    advice = N_("Save a copy without the password and import that copy.")


class Damaged(ReadError):
    """Facts: ``name``, ``detail``."""

    template = N_("“{name}” is damaged or cut short ({detail}).")
    advice = N_("Open it in its own program and save it again, then import it.")


class UnknownFormat(ReadError):
    template = N_("“{name}” is not a kind of file that can be read here.")
    advice = N_(
        "Import PDF, Word, PowerPoint, Excel, OpenDocument, RTF, HTML, EPUB, e-mail (.eml), CSV, Markdown or text "
        "files, or a ZIP archive of these."
    )


class OldFormat(UnknownFormat):
    """A file of Word or PowerPoint from before 2007."""

    template = N_("“{name}” is in an old format of Word or PowerPoint that cannot be read here.")
    advice = N_("Open it in its own program, save it as .docx or .pptx, and import that copy.")


class NoText(ReadError):
    """No page can be read. Facts: ``name``, ``pages`` and how many of these are of each PageKind, by its value."""

    template = N_("“{name}” holds no text.")
    template_counted = N_("“{name}” holds no text ({kinds}).")
    advice = N_("Text recognition (OCR) reads such pages: allow it in the settings, and try again. {installing}")
    kinds: ClassVar[dict[str, str]] = {
        "image": N_("pages that are pictures: {count}"),
        "empty": N_("empty pages: {count}"),
        "garbled": N_("pages whose letters cannot be told: {count}"),
        "encrypted": N_("parts protected by a password: {count}"),
        "unreadable": N_("parts that cannot be read: {count}"),
    }

    def __str__(self) -> str:
        counts = ((_(words), self.facts.get(kind)) for kind, words in self.kinds.items())
        kinds = "; ".join(words.format(count=count) for words, count in counts if count)
        told = _(self.template_counted if kinds else self.template).format(**self.shown_facts() | {"kinds": kinds})
        advice = _(self.advice).format(installing=extras.advice("ocr"))
        return sentences(told, advice if self.facts.get("image") or self.facts.get("garbled") else "")


class NoTextInside(NoText):
    """Slides, a mail or an archive: whatever is in it, there is no text, and text recognition does not look inside."""

    advice = N_(
        "Text recognition reads PDF files and pictures: save it as PDF, or import the pictures in it by themselves."
    )


class TooLarge(ReadError):
    """Facts: ``name``, ``limit``."""

    template = N_("“{name}” is too large: it holds more than {limit}.")
    advice = N_("Split the file, or check where it comes from.")


class TooMuchMemory(TooLarge):
    """Facts: ``name``, ``limit``."""

    template = N_("“{name}” needs more than {limit} of memory to be read and was stopped.")
    advice = N_("Split the file, or raise the limit in the settings (imports: reader_megabytes).")


class NoFile(ReadError):
    """A pipe, a socket, a device or a folder. Facts: ``name``, ``kind``."""

    template = N_("“{name}” is {kind}, not a file, and was left alone.")


class StillChanging(ReadError):
    template = N_("“{name}” changed while it was being read.")
    advice = N_("Wait until it is complete, then import it again.")


class Unreadable(ReadError):
    """Facts: ``name``, ``detail``."""

    template = N_("“{name}” could not be opened ({detail}).")
    advice = N_("Check that the file still exists and that you may read it.")


class FileChanged(ReadError):
    template = N_("“{name}” has changed since it was imported.")
    advice = N_("Import it again.")


class ReaderCrashed(ReadError):
    """The file ended the reader host; a fresh one reads the next file."""

    template = N_("“{name}” stopped the file reader: it is damaged, or needs more memory than a file may use.")
    advice = N_("Open it in its own program and save it again, then import it.")


class TooSlow(ReadError):
    """Facts: ``name``, ``seconds``."""

    template = N_("“{name}” was still being read after {seconds} s and was given up.")
    advice = N_("Split the file, or raise the limit in the settings (imports: file_seconds).")


class ComponentError(KotaemonError):
    """A component in a child process did not do its work. Fact: ``component``."""

    template = N_("The component “{component}” did not answer.")

    def shown_facts(self) -> dict[str, object]:
        return self.facts | {"component": component_name(str(self.facts.get("component", "")))}


class AnswerResumed(ComponentError):
    """The host died in mid-answer and another one goes on. Facts: ``component``, ``exitcode``."""

    template = N_("The component “{component}” stopped in mid-answer (exit code {exitcode}); a fresh one goes on.")


class ProviderLost(ComponentError):
    """The GPU failed in mid-answer. Facts: ``component``, ``before``, ``after``: execution providers, ``reason``."""

    template = N_("{before} failed in mid-answer ({reason}); the answer goes on with {after}.")


class ThoughtTooLong(ComponentError):
    """A reasoning model came to no answer. Fact: ``component``."""

    template = N_("The language model thought until its limit and came to no answer.")
    advice = N_("Ask a narrower question, or choose another model.")


class PluginBroken(ComponentError):
    """Facts: ``kind``, ``name`` and ``package`` of the plugin, ``detail``."""

    template = N_("The plugin “{name}” ({kind}, of the package {package}) is switched off: {detail}.")
    advice = N_("Update or remove that package; everything else goes on without it.")


class PluginMissing(ComponentError):
    """Facts: ``kind``, ``name`` of the plugin."""

    template = N_("There is no working plugin “{name}” ({kind}).")
    advice = N_("Install its package, or take it out of the settings.")


class WakeFailed(ComponentError):
    """Facts: ``component``, ``detail``."""

    template = N_("The component “{component}” could not start ({detail}).")
    advice = N_("Your documents are safe. Try again; if it stays, restart the program.")


class ComponentCrashed(ComponentError):
    """The host process ended in the middle of a request. Facts: ``component``, ``exitcode``."""

    template = N_("The component “{component}” stopped unexpectedly (exit code {exitcode}); your documents are safe.")
    advice = N_("Ask again: a fresh one starts by itself.")


class ComponentTimedOut(ComponentError):
    """Facts: ``component``, ``seconds``."""

    template = N_(
        "The component “{component}” gave no answer for {seconds} s and was stopped; your documents are safe."
    )
    advice = N_("Try again: a fresh one starts by itself.")


class ComponentFailed(ComponentError):
    """An unexpected exception inside a host, which lives on. Facts: ``component``, ``detail``."""

    template = N_("The component “{component}” reported an error: {detail}")


class VectorServerFailed(ComponentError):
    """Facts: ``address``, ``detail``."""

    template = N_("The vector index at {address} does not answer ({detail}).")
    advice = N_("Search goes on by keywords. See whether the server runs, or choose another index in the settings.")


class DoesNotFit(ComponentError):
    """Facts: ``component``, ``needed``, ``limit``, ``held`` (texts with units)."""

    template = N_(
        "The component “{component}” needs about {needed}; components may take {limit} here and busy ones hold {held}."
    )
    advice = N_("Wait for them to finish, or raise the limit in the settings (residency: memory_share).")


class BreakerOpen(ComponentError):
    """Facts: ``component``, ``failures``, ``seconds`` until it is tried again, ``reason``."""

    template = N_("The component “{component}” has failed {failures} times in a row ({reason}).")
    advice = N_("It is tried again in {seconds} s. Your documents are safe.")


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


class FolderAway(LibraryError):
    """The chosen data folder is not there now. Facts: ``folder``, ``pointer`` (the file that names it)."""

    template = N_("The folder with your data is not there: {folder}.")
    advice = N_("Connect the drive that it is on and start again; to begin anew in the usual place, delete {pointer}.")


class NothingThere(LibraryError):
    """Facts: ``folder`` (the path that was named)."""

    template = N_("{folder} does not exist.")
    advice = N_("Check the spelling of the path.")


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


class ModelError(KotaemonError):
    """A model on disk or its graph. Fact: ``model``."""

    template = N_("The model “{model}” cannot be used.")


class ModelNotFound(ModelError):
    template = N_("There is no model “{model}”.")
    advice = N_("See what is installed with: kotaemon-desktop models list")


class ModelIncomplete(ModelError):
    """Facts: ``model``, ``missing``."""

    template = N_("The folder of “{model}” is not a complete model: {missing} is missing.")
    advice = N_("Nothing was added. Choose the folder that holds the .onnx file and tokenizer.json.")


class UnsupportedModel(ModelError):
    """Facts: ``model``, ``detail``."""

    template = N_("The model “{model}” needs something that this program lacks: {detail}.")


class DownloadFailed(ModelError):
    """Facts: ``model``, ``detail``."""

    template = N_("The download of “{model}” stopped: {detail}. What has arrived is kept.")
    advice = N_("Start it again to go on from there.")


class Offline(ModelError):
    template = N_("“{model}” was not downloaded: the program is set to stay offline.")
    advice = N_("Allow downloads on the models page under Connection, or add the model from a folder.")


class ModelInUse(ModelError):
    template = N_("The model “{model}” is in use just now.")
    advice = N_("Unload it first, then try again.")


class NoSpace(ModelError):
    """Facts: ``model``, ``needed``, ``free`` (sizes for people)."""

    template = N_("The model “{model}” needs {needed} on the disk, and only {free} are free. Nothing was added.")
    advice = N_("Free some space, or choose a smaller model.")


class PromptTooLong(ModelError):
    """Facts: ``model``, ``tokens``, ``limit``."""

    template = N_("The question and its sources take {tokens} tokens; the model “{model}” reads {limit} at most.")
    advice = N_("Ask a shorter question, or use fewer sources.")


class PipelineNotFound(KotaemonError):
    """Facts: ``name``, ``known``."""

    template = N_("There is no pipeline “{name}”; these are known: {known}.")
    advice = N_("Declare it in the settings file, or choose one of these.")


class RemoteError(ModelError):
    """A model that another program serves did not do its work. Facts: ``model``, ``address``."""

    template = N_("{address} did not answer for “{model}”.")


class RemoteUnreachable(RemoteError):
    """Facts: ``model``, ``address``, ``detail``."""

    template = N_("{address} cannot be reached ({detail}).")
    advice = N_("See whether the program there runs, and whether its address in the settings (remote) is right.")


class RemoteRefused(RemoteError):
    """Facts: ``model``, ``address``, ``key`` (its name), ``variable`` (of the environment that may hold it)."""

    template = N_("{address} refuses the key for “{model}”.")
    advice = N_("Give the key “{key}” on the models page, or in the environment as {variable}.")


class RemoteBusy(RemoteError):
    """Facts: ``model``, ``address``, ``seconds`` that it asks to wait."""

    template = N_("{address} has too much to do and asks to wait {seconds} s.")
    advice = N_("Ask again then.")


class RemoteSlow(RemoteError):
    """Facts: ``model``, ``address``, ``seconds``."""

    template = N_("{address} was silent for {seconds} s and was given up.")
    advice = N_("It may be loading the model: ask again, or allow more time in the settings (remote).")


class RemoteCut(RemoteError):
    template = N_("{address} broke off in mid-answer.")
    advice = N_("What had come by then is kept. Ask again.")


class RemoteUnknownModel(RemoteError):
    """Facts: ``model`` (as it was asked for), ``address``, ``offered`` (names with commas, or nothing)."""

    template = N_("{address} has no model “{model}”.")
    advice = N_("It offers: {offered}. Put one of these in the settings (remote).")

    def __str__(self) -> str:
        if self.facts.get("offered"):
            return super().__str__()
        return _(self.template).format(**self.facts)


class RemoteFailed(RemoteError):
    """Facts: ``model``, ``address``, ``detail``: in its own words."""

    template = N_("{address} could not answer for “{model}”: {detail}")


class SettingsError(KotaemonError):
    """Facts: ``file``, ``detail`` (with line and column where they are known)."""

    template = N_("{file} holds something that does not fit: {detail}. The last good settings stay in force.")
    advice = N_("Mend that line and save the file.")


class SettingRefused(SettingsError):
    """A value was not taken. Fact: ``detail``, what the setting takes."""

    template = N_("{detail}. Nothing was changed.")
    advice = ""
