"""Threads and comments as the history stores them."""

from typing import Any

from cstoannot.threads.models import Comment, Thread


def build_comment_snapshot(comment: Comment) -> dict[str, Any]:
    return {"thread": str(comment.thread_id), "text": comment.text}


def build_thread_snapshot(thread: Thread) -> dict[str, Any]:
    return {
        "about": thread.kind,
        "source": thread.source_id,
        "code": thread.code.slug if thread.code else None,
        "decision": str(thread.decision_id) if thread.decision_id else None,
        "start": thread.start,
        "end": thread.end,
        "asks_again": thread.asks_again,
        "resolved": thread.resolved_at is not None,
    }
