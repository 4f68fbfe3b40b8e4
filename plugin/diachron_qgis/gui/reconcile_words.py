"""Words of the reconciliation."""

from __future__ import annotations

from collections import Counter

from ..logic.reconcile_apply import CHANGED, GONE
from ..logic.reconcile_listing import NotListed, Reconciliation
from ..logic.reconcile_match import ACTIONS, CONFIRMED, CREATED, MODIFIED, REMOVED
from ..logic.reconcile_save import CONFLICT, Saving
from .words import tr


def action_name(action: str) -> str:
    """Return what becomes of objects as a person reads it."""
    return {
        CREATED: tr("Created"),
        REMOVED: tr("Removed"),
        MODIFIED: tr("Modified"),
        CONFIRMED: tr("Confirmed"),
    }[action]


def action_help(action: str) -> str:
    """Say what an action means."""
    return {
        CREATED: tr("The proposals show an object that the database does not have"),
        REMOVED: tr("The proposals show that an object of the database is gone"),
        MODIFIED: tr("An object is extended, reduced, or becomes another class"),
        CONFIRMED: tr("The database has it already"),
    }[action]


def conflict_name(why: str) -> str:
    """Say why a line no longer holds."""
    return {
        CHANGED: tr("edited by others"),
        GONE: tr("no longer in the database"),
    }.get(why, tr("other objects or proposals stand there now"))


def summary(listed: Reconciliation) -> str:
    """Count what a list holds; of an empty one, all that it might."""
    counts = Counter(each.action for each in listed.findings)
    words = [f"{counts[action]} {action_name(action).lower()}" for action in ACTIONS if counts[action] or not counts]
    if listed.outside:
        words.append(tr("proposals of other classes: {0}").format(listed.outside))
    if listed.unmapped:
        words.append(tr("objects of other values: {0}").format(listed.unmapped))
    return " · ".join(words)


def problem_text(problem: NotListed) -> str:
    """Return a problem as one line: what, where, what to do."""
    detail = problem.detail
    return {
        "none_accepted": tr("No proposal is accepted yet: accept some in the review, then compare."),
        "crs": tr("The proposals cannot be brought into the database's CRS: {0}; set the right CRS of both layers."),
        "unreadable": tr("The database stopped answering: {0}; check the connection, then compare again."),
        "expression": tr("An attribute cannot be written: {0}; correct it in the table of attributes."),
        "unwritable": tr("The change-set cannot be written: {0}; choose another folder."),
    }.get(problem.kind, tr("This went wrong: {0}; the log has more.")).format(detail)


def saving_text(saving: Saving, layer: str) -> str:
    """Say why a layer was not saved, and what to do next."""
    if saving.kind == CONFLICT:
        text = tr("{0} was not saved: others have changed {1}. Undo, compare again, apply, and save.")
        return text.format(layer, objects(saving.fids))
    text = tr("{0} was not saved, nothing of it: {1}. Your edits are kept: save again when the database answers.")
    return text.format(layer, " ".join(saving.detail.split()))


def objects(fids: tuple[int, ...]) -> str:
    """Name some objects by their ids."""
    shown = ", ".join(str(fid) for fid in fids[:5])
    if len(fids) == 1:
        return tr("object {0}").format(shown)
    return tr("{0} objects ({1})").format(len(fids), shown + ("…" if len(fids) > 5 else ""))
