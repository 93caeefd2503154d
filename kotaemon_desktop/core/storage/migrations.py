"""The schema of the library as numbered steps: script ``n`` brings a database of schema ``n`` to ``n + 1``.

Longer than other files because steps are only ever added, and are read in their order.
"""

from __future__ import annotations

from typing import Final

# The words of FTS5 come ready from core.text.words, separated by spaces, so its tokenizer must do nothing but split
# there: "ascii" leaves everything beyond ASCII alone and gets every ASCII punctuation mark as part of a word.
_PUNCTUATION: Final = "!\"#$%&''()*+,-./:;<=>?@[\\]^_`{|}~".replace('"', '""')

_FIRST: Final = f"""
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('stored', 'ready', 'failed')),
    page_count INTEGER,
    passages INTEGER NOT NULL DEFAULT 0,
    embedded INTEGER NOT NULL DEFAULT 0,
    imported_at REAL NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    unread_pages INTEGER NOT NULL DEFAULT 0,
    removed_at REAL
) STRICT;
-- One visible version of a file, and beside it at most one failure to read a newer one.
CREATE UNIQUE INDEX documents_path ON documents (path, state = 'failed') WHERE removed_at IS NULL;
CREATE INDEX documents_sha256 ON documents (sha256);

CREATE TABLE pages (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,  -- 0 in formats without pages
    text TEXT NOT NULL,
    kind TEXT NOT NULL,
    UNIQUE (document_id, number)
) STRICT;

-- AUTOINCREMENT: citations and the vector index remember ids, so an id never comes back with another text.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    page INTEGER,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading TEXT NOT NULL,
    text TEXT NOT NULL,
    tokens BLOB NOT NULL  -- zlib: FTS5 must be told the exact words again when the passage goes
) STRICT;
CREATE INDEX passages_document ON passages (document_id);

CREATE VIRTUAL TABLE words USING fts5 (tokens, content='', tokenize="ascii tokenchars '{_PUNCTUATION}'");
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, 'row');

CREATE TABLE embedders (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, dimension INTEGER NOT NULL) STRICT;

CREATE TABLE vectors (
    passage_id INTEGER NOT NULL REFERENCES passages (id) ON DELETE CASCADE,
    embedder_id INTEGER NOT NULL REFERENCES embedders (id),
    vector BLOB NOT NULL,  -- float16, little-endian; empty where the embedder does not know the passage's language
    searchable INTEGER NOT NULL,  -- whether it is not empty; kept so that the index below answers alone
    UNIQUE (passage_id, embedder_id)
) STRICT;
CREATE INDEX vectors_searchable ON vectors (embedder_id, searchable, passage_id);

-- How many vectors a document has, by embedder: kept with the vectors so that nobody counts 100,000 rows.
CREATE TABLE coverage (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    embedder_id INTEGER NOT NULL REFERENCES embedders (id),
    vectors INTEGER NOT NULL,
    PRIMARY KEY (document_id, embedder_id)
) STRICT, WITHOUT ROWID;

-- Files that an import has promised and not read yet: what a kill leaves here is read at the next start.
CREATE TABLE queue (
    id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    created_at REAL NOT NULL,
    active_at REAL NOT NULL
) STRICT;

CREATE TABLE turns (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    question TEXT NOT NULL,
    answer TEXT NOT NULL,
    route TEXT NOT NULL,
    model TEXT NOT NULL,
    answered INTEGER NOT NULL,
    asked_at REAL NOT NULL,
    citations TEXT NOT NULL,  -- JSON
    trace TEXT NOT NULL  -- JSON lines, one event each
) STRICT;
CREATE INDEX turns_conversation ON turns (conversation_id);

CREATE TABLE wakes (
    id INTEGER PRIMARY KEY,
    component TEXT NOT NULL,
    at REAL NOT NULL,
    seconds REAL NOT NULL,
    bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX wakes_component ON wakes (component);

CREATE TABLE releases (
    id INTEGER PRIMARY KEY,
    component TEXT NOT NULL,
    at REAL NOT NULL,
    cause TEXT NOT NULL,
    resident_seconds REAL NOT NULL,
    held INTEGER NOT NULL,
    freed INTEGER NOT NULL
) STRICT;
CREATE INDEX releases_component ON releases (component);
"""

# The wakes known before are dropped: they say nothing of when the program ran, and estimates are soon learnt again.
_USAGE: Final = """
DROP TABLE wakes;
DROP TABLE releases;

-- One stay of one host in memory. Open (released_at is NULL) while it lasts.
CREATE TABLE residencies (
    id INTEGER PRIMARY KEY,
    component TEXT NOT NULL,  -- with its variant: "generator:qwen"
    woken_at REAL NOT NULL,  -- ready from here
    waking_seconds REAL NOT NULL,
    bytes INTEGER NOT NULL,  -- when it was ready
    released_at REAL,
    cause TEXT,
    held INTEGER,  -- before it went
    freed INTEGER
) STRICT;
CREATE INDEX residencies_component ON residencies (component);
CREATE INDEX residencies_released ON residencies (released_at);

-- When the program ran and the machine was awake: what "always in memory" is measured against.
CREATE TABLE sessions (id INTEGER PRIMARY KEY, started REAL NOT NULL, seen REAL NOT NULL) STRICT;

-- How long a component had nothing to do, and what ended that: the material of advice on timers.
CREATE TABLE rests (
    id INTEGER PRIMARY KEY,
    component TEXT NOT NULL,
    began REAL NOT NULL,
    seconds REAL NOT NULL,
    used_again INTEGER NOT NULL,
    reloaded INTEGER NOT NULL
) STRICT;
"""

# A question asked anew stands beside the first one, below the same turn: a conversation is a tree, of which the way to
# its head is shown.
_BRANCHES: Final = """
ALTER TABLE conversations ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE conversations ADD COLUMN removed_at REAL;
ALTER TABLE conversations ADD COLUMN head_id INTEGER;  -- the last turn of the branch that is shown
ALTER TABLE turns ADD COLUMN parent_id INTEGER;
ALTER TABLE turns ADD COLUMN unsupported TEXT NOT NULL DEFAULT '[]';  -- JSON: statements without a source
UPDATE turns SET parent_id = (
    SELECT max(id) FROM turns AS earlier WHERE earlier.conversation_id = turns.conversation_id AND earlier.id < turns.id
);
UPDATE conversations SET head_id = (SELECT max(id) FROM turns WHERE conversation_id = conversations.id);
CREATE TRIGGER turns_deleted AFTER DELETE ON turns BEGIN DELETE FROM said WHERE rowid = old.id; END;
"""

# Filled when somebody searches.
_SAID: Final = f"""
CREATE VIRTUAL TABLE said USING fts5 (tokens, tokenize="ascii tokenchars '{_PUNCTUATION}'");
"""

_COLLECTIONS: Final = """
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    created_at REAL NOT NULL
) STRICT;

-- A removed document stays a member, so that bringing it back brings it back there too; counts leave it out.
CREATE TABLE memberships (
    collection_id INTEGER NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    PRIMARY KEY (collection_id, document_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_document ON memberships (document_id);

-- Which documents a conversation asks: JSON of core.scope.Scope; empty for all of them.
ALTER TABLE conversations ADD COLUMN scope TEXT NOT NULL DEFAULT '';

-- When the file was last changed, as far as that is known.
ALTER TABLE documents ADD COLUMN modified_at REAL;
"""

# NULL: never, so it does not search while another one can.
_EMBEDDERS: Final = """
ALTER TABLE embedders ADD COLUMN completed_at REAL;  -- when its vectors and its index were complete last
UPDATE embedders SET completed_at = 0;
"""

# What later prompts of the conversation have to know of how a model came to its answer, as JSON; null for quotes.
_GENERATED: Final = """
ALTER TABLE turns ADD COLUMN generated TEXT;
"""

_SPEEDS: Final = """
CREATE TABLE model_speeds (
    model TEXT PRIMARY KEY,
    task TEXT NOT NULL,
    load_seconds REAL NOT NULL,
    bytes INTEGER NOT NULL,  -- that its host held
    reads REAL NOT NULL,  -- tokens a second of a prompt
    writes REAL NOT NULL,  -- tokens a second of an answer
    passages REAL NOT NULL,  -- passages a second
    measured_at REAL NOT NULL
) STRICT;
"""

_SCANS: Final = """
-- Where the lines that text recognition read stand on their page (MessagePack); NULL on every other page.
ALTER TABLE pages ADD COLUMN lines BLOB;

-- Documents whose scanned pages text recognition shall read: what a kill leaves here is read at the next start.
CREATE TABLE scans (document_id INTEGER PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE) STRICT;
"""

# Why a file could not be read was a sentence in the language of that day; now it is core.failures' JSON.
_FAILURES: Final = """
UPDATE documents SET reason = json_object('error', 'Told', 'facts', json_object('text', reason)) WHERE reason != '';
"""

_WATCHED: Final = """
CREATE TABLE watched_folders (
    path TEXT PRIMARY KEY,
    ignored TEXT NOT NULL,  -- patterns of names and paths, one a line
    identity TEXT NOT NULL DEFAULT ''  -- device and number of the folder when it was last looked at
) STRICT, WITHOUT ROWID;

-- What was handed to an import, so that a look tells what is new, changed or gone.
CREATE TABLE watched_files (
    folder TEXT NOT NULL REFERENCES watched_folders (path) ON DELETE CASCADE,
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    modified_at REAL NOT NULL,
    PRIMARY KEY (folder, path)
) STRICT, WITHOUT ROWID;
"""

# A trace names the passages that were found and cited and no longer repeats their text, which is the documents' own to
# keep or to lose. It goes by its own time limit, in a table of its own, so that reading answers does not read traces.
_TRACES: Final = """
CREATE TABLE traces (
    turn_id INTEGER PRIMARY KEY REFERENCES turns (id) ON DELETE CASCADE,
    asked_at REAL NOT NULL,
    lines TEXT NOT NULL  -- JSON lines, one event each
) STRICT;
CREATE INDEX traces_asked ON traces (asked_at);

INSERT INTO traces (turn_id, asked_at, lines)
SELECT turns.id, asked_at, group_concat(
    CASE line.value ->> 'event'
    WHEN 'Found' THEN json_set(line.value, '$.hits', json((
        SELECT json_group_array(json(json_set(
            json_remove(hit.value, '$.passage'), '$.passage_id', hit.value ->> '$.passage.id',
            '$.document_id', hit.value ->> '$.passage.document_id'
        ))) FROM json_each(line.value, '$.hits') AS hit
    )))
    WHEN 'Cited' THEN json_set(json_remove(line.value, '$.answer'), '$.citations', json((
        SELECT json_group_array(json_object(
            'number', cited.value ->> 'number', 'passage_id', cited.value ->> 'passage_id'
        )) FROM json_each(line.value, '$.citations') AS cited
    )), '$.unsupported', json_array_length(line.value, '$.unsupported'))
    ELSE line.value END,
    char(10)
)
FROM turns CROSS JOIN json_each('[' || replace(trace, char(10), ',') || ']') AS line
GROUP BY turns.id;
ALTER TABLE turns DROP COLUMN trace;
"""

_TOOL_RESULTS: Final = """
-- What tools gave for the questions of a conversation: sources that are in no document.
CREATE TABLE tool_results (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    tool TEXT NOT NULL,
    title TEXT NOT NULL,
    address TEXT NOT NULL,  -- without secrets
    sent TEXT NOT NULL,  -- in one line
    asked_at REAL NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE INDEX tool_results_conversation ON tool_results (conversation_id);
"""

_TRIALS: Final = """
ALTER TABLE turns ADD COLUMN thumb INTEGER NOT NULL DEFAULT 0;  -- what a person thinks of it: 1, -1

-- A candidate beside the proven way of answering; ended_at is NULL while it lasts.
CREATE TABLE trials (
    id INTEGER PRIMARY KEY,
    proven_model TEXT NOT NULL,
    proven_pipeline TEXT NOT NULL,
    candidate_model TEXT NOT NULL,
    candidate_pipeline TEXT NOT NULL,
    began_at REAL NOT NULL,
    ended_at REAL,
    ending TEXT,
    streak INTEGER NOT NULL DEFAULT 0  -- answers in a row that ended it
) STRICT;

CREATE TABLE trial_answers (
    id INTEGER PRIMARY KEY,
    trial_id INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
    turn_id INTEGER REFERENCES turns (id) ON DELETE CASCADE,  -- NULL: there was no answer
    side TEXT NOT NULL CHECK (side IN ('proven', 'candidate')),
    failed INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    seconds REAL,
    first_piece REAL,
    tokens_per_second REAL,
    citations INTEGER NOT NULL
) STRICT;
CREATE INDEX trial_answers_trial ON trial_answers (trial_id);
CREATE INDEX trial_answers_turn ON trial_answers (turn_id);
"""

MIGRATIONS: Final[tuple[str, ...]] = (
    _FIRST,
    _USAGE,
    _BRANCHES,
    _SAID,
    _COLLECTIONS,
    _EMBEDDERS,
    _GENERATED,
    _SPEEDS,
    _SCANS,
    _FAILURES,
    _WATCHED,
    _TRACES,
    _TOOL_RESULTS,
    _TRIALS,
)
