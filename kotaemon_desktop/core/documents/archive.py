"""Names the damage of ZIP packages: everything that Python's ZIP reader raises on a broken one."""

from __future__ import annotations

import errno
import lzma
import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager

from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.i18n import N_, Phrase

_LONGEST_DETAIL = 200


@contextmanager
def damage_named(source: Source, *more: type[Exception]) -> Generator[None]:
    """Turn what a broken package raises, and the errors of the kinds ``more``, into Damaged."""
    broken = (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        struct.error,
        NotImplementedError,  # a compression or version that does not exist
        ValueError,  # a name that cannot be decoded, a number that is none, a place before the start
        EOFError,
        KeyError,  # a part that is named but not there
        *more,
    )
    try:
        yield
    except broken as error:
        detail = (str(error) or type(error).__name__).splitlines()[0][:_LONGEST_DETAIL]
        raise Damaged(name=source.name, detail=detail) from error
    except OSError as error:
        if error.errno is None:  # bzip2's own word for data that it cannot unpack
            raise Damaged(name=source.name, detail=str(error)) from error
        if error.errno != errno.EINVAL:  # that is a seek to where no file reaches
            raise
        raise Damaged(name=source.name, detail=Phrase(N_("a part lies outside the file"))) from error
