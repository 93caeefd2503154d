"""A file could not be imported; the file itself is untouched."""

from __future__ import annotations

from typing import ClassVar

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.errors.base import KotaemonError
from kotaemon_desktop.core.i18n import N_, _, harmless, sentences


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
