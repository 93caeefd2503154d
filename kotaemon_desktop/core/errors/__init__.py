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
    │   ├── BackupInvalid  FileTaken  NothingThere
    │   ├── NotAConversation  NameTaken  NoSuchCollection
    ├── ModelError           a model on disk or its graph
    │   ├── ModelNotFound  ModelIncomplete  UnsupportedModel  DownloadFailed  Offline  ModelInUse  NoSpace
    │   ├── PromptTooLong
    │   ├── RemoteError      a model that another program serves
    │   │   ├── RemoteUnreachable  RemoteRefused  RemoteBusy  RemoteSlow  RemoteCut  RemoteUnknownModel  RemoteFailed
    ├── PipelineNotFound     a question asks for a way to answer that nobody has declared
    ├── NothingTried         no candidate is there to be promoted
    └── SettingsError        kotaemon.yaml holds something that does not fit
        └── SettingRefused   a new value does not

An error is a class with a template and named facts, so that it crosses a process border as data and is translated
when it is shown, not when it is raised.
"""

from __future__ import annotations

from kotaemon_desktop.core.errors.base import KotaemonError
from kotaemon_desktop.core.errors.components import (
    AnswerResumed,
    BreakerOpen,
    ComponentCrashed,
    ComponentError,
    ComponentFailed,
    ComponentTimedOut,
    DoesNotFit,
    PluginBroken,
    PluginMissing,
    ProviderLost,
    ThoughtTooLong,
    VectorServerFailed,
    WakeFailed,
)
from kotaemon_desktop.core.errors.configuration import NothingTried, PipelineNotFound, SettingRefused, SettingsError
from kotaemon_desktop.core.errors.library import (
    BackupInvalid,
    DamagedLibrary,
    DiskFull,
    FileTaken,
    FolderAway,
    FolderInUse,
    LibraryError,
    LibraryGone,
    LibraryUnavailable,
    NameTaken,
    NewerLibrary,
    NoSuchCollection,
    NotAConversation,
    NothingThere,
    WorkspaceInUse,
    WorkspaceNamed,
)
from kotaemon_desktop.core.errors.models import (
    DownloadFailed,
    ModelError,
    ModelIncomplete,
    ModelInUse,
    ModelNotFound,
    NoSpace,
    Offline,
    PromptTooLong,
    RemoteBusy,
    RemoteCut,
    RemoteError,
    RemoteFailed,
    RemoteRefused,
    RemoteSlow,
    RemoteUnknownModel,
    RemoteUnreachable,
    UnsupportedModel,
)
from kotaemon_desktop.core.errors.reading import (
    Damaged,
    EmptyFile,
    Encrypted,
    FileChanged,
    NoFile,
    NoText,
    NoTextInside,
    OldFormat,
    ReaderCrashed,
    ReadError,
    StillChanging,
    TooLarge,
    TooMuchMemory,
    TooSlow,
    UnknownFormat,
    Unreadable,
)

__all__ = [
    "AnswerResumed",
    "BackupInvalid",
    "BreakerOpen",
    "ComponentCrashed",
    "ComponentError",
    "ComponentFailed",
    "ComponentTimedOut",
    "Damaged",
    "DamagedLibrary",
    "DiskFull",
    "DoesNotFit",
    "DownloadFailed",
    "EmptyFile",
    "Encrypted",
    "FileChanged",
    "FileTaken",
    "FolderAway",
    "FolderInUse",
    "KotaemonError",
    "LibraryError",
    "LibraryGone",
    "LibraryUnavailable",
    "ModelError",
    "ModelInUse",
    "ModelIncomplete",
    "ModelNotFound",
    "NameTaken",
    "NewerLibrary",
    "NoFile",
    "NoSpace",
    "NoSuchCollection",
    "NoText",
    "NoTextInside",
    "NotAConversation",
    "NothingThere",
    "NothingTried",
    "Offline",
    "OldFormat",
    "PipelineNotFound",
    "PluginBroken",
    "PluginMissing",
    "PromptTooLong",
    "ProviderLost",
    "ReadError",
    "ReaderCrashed",
    "RemoteBusy",
    "RemoteCut",
    "RemoteError",
    "RemoteFailed",
    "RemoteRefused",
    "RemoteSlow",
    "RemoteUnknownModel",
    "RemoteUnreachable",
    "SettingRefused",
    "SettingsError",
    "StillChanging",
    "ThoughtTooLong",
    "TooLarge",
    "TooMuchMemory",
    "TooSlow",
    "UnknownFormat",
    "Unreadable",
    "UnsupportedModel",
    "VectorServerFailed",
    "WakeFailed",
    "WorkspaceInUse",
    "WorkspaceNamed",
]
