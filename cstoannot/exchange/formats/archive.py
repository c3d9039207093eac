from cstoannot.exchange.archive.queries import count_uncounted_annotations, load_archived_usernames
from cstoannot.exchange.archive.writing import write_archive
from cstoannot.exchange.formats.base import ExportFormat, count_exported_annotations
from cstoannot.projects.permissions import Permission

FORMAT = ExportFormat(
    key="archive",
    title="Archive of the project",
    extension="zip",
    media_type="application/zip",
    readers="cstoannot, here or elsewhere: restores an equal project. Owners alone may take it.",
    carries=(
        "everything: settings, members and their roles, texts with what is known of them, "
        "codebook with its revisions, speakers, assignments, plans, rounds",
        "every decision with what it weighed and why, and threads with their comments",
        "every annotation of both layers with id, versions and moments, and the whole history",
        "SHA-256 of each part, so that nothing altered or cut off is ever restored",
    ),
    loses=(
        "passwords, addresses and tokens of the members, who are named by user name alone",
        "invitations: who invited and who accepted is in the history, but no link works elsewhere",
        "links to the results: they are secrets, so make new ones where the project is restored",
        "when the project was itself restored from an archive",
    ),
    filtered=False,
    permission=Permission.MANAGE,
    count=lambda asked: (
        count_exported_annotations(asked) + count_uncounted_annotations(asked.scope)
    ),
    names=lambda scope: load_archived_usernames(scope).values(),
    write=lambda asked, file: write_archive(asked.scope, file),
)
