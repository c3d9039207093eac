"""What is read and written goes through the scope, and through queries and actions."""

import ast
import re

from tests.architecture.code import ROWS, Function, files, modules, shown

# Public functions of queries.py and actions.py, from row 4 on, that take no scope first.
WITHOUT_SCOPE = {
    "cstoannot/annotations/queries.py complete_annotation_row": "renames fields",
    "cstoannot/annotations/queries.py select_annotation_values": "shapes what is in the scope",
    "cstoannot/codebook/actions.py build_code_snapshot": "shapes a code at hand",
    "cstoannot/projects/actions.py create_project": "there is no project to be in yet",
    "cstoannot/exchange/archive/queries.py load_id_holder": "asks of ids in any project",
    "cstoannot/projects/actions.py check_project_slug": "there is no project to be in yet",
    "cstoannot/projects/purge_actions.py purge_interrupted_restorations": "nobody ever could",
    "cstoannot/projects/restore_actions.py begin_restoration": "there is no project to be in yet",
    "cstoannot/projects/invitation_actions.py accept_invitation": "who accepts is no member yet",
    "cstoannot/projects/queries.py hash_invitation_secret": "hashes a secret, and reads nothing",
    "cstoannot/projects/queries.py require_invitation_offer": "a door, which the secret opens",
    "cstoannot/projects/purge_actions.py purge_deleted_projects": "nobody can open them any more",
    "cstoannot/projects/queries.py load_deleter_names": "of scopes that are open already",
    "cstoannot/projects/queries.py list_last_owners": "asked of accounts, by the operator",
    "cstoannot/projects/queries.py list_memberships": "the list of the doors one may open",
    "cstoannot/projects/results_queries.py open_results": "a door, which the secret opens",
    "cstoannot/sources/actions.py build_source_details": "shapes a source at hand",
}
# Actions without `@transaction.atomic`.
WITHOUT_TRANSACTION = {
    "cstoannot/accounts/actions.py revoke_all_tokens": "one delete",
    "cstoannot/accounts/actions.py revoke_token": "one delete",
    "cstoannot/accounts/actions.py set_password": "one update",
    "cstoannot/annotations/actions.py save_annotation": "opens its own, twice if the first fails",
    "cstoannot/annotations/bulk_actions.py save_annotations": "opens its own, like save_annotation",
    "cstoannot/decisions/merge_actions.py merge_code": "many, so that others save",
    "cstoannot/decisions/merge_actions.py merge_speakers": "many, likewise",
    "cstoannot/decisions/merge_actions.py undo_speaker_merge": "many, likewise",
    "cstoannot/annotations/outsider_actions.py tie_outsider": "many, so that others save",
    "cstoannot/annotations/outsider_actions.py untie_outsider": "many, likewise",
    "cstoannot/annotations/proposal_actions.py propose_code": "opens its own, as saving does",
    "cstoannot/assignments/actions.py begin_assignment": "called inside other actions'",
    "cstoannot/assignments/actions.py begin_assignments": "called inside other actions'",
    "cstoannot/assignments/actions.py change_assignment_state": "called inside others'",
    "cstoannot/assignments/actions.py lock_assignments": "called inside other actions'",
    "cstoannot/assignments/actions.py record_looks": "called inside other actions' transactions",
    "cstoannot/assignments/actions.py remove_assignments": "called inside other actions'",
    "cstoannot/assignments/actions.py store_new_assignments": "called inside other actions'",
    "cstoannot/codebook/actions.py build_code_snapshot": "writes nothing",
    "cstoannot/codebook/actions.py reserve_next_revision": "called inside other actions'",
    "cstoannot/codebook/actions.py set_code_parent": "writes nothing",
    "cstoannot/codebook/actions.py store_revision": "called inside other actions'",
    "cstoannot/decisions/apart_actions.py record_apart": "called inside other actions'",
    "cstoannot/decisions/apart_actions.py withdraw_apart": "called inside other actions'",
    "cstoannot/decisions/carry_actions.py carry_decisions": "called inside other actions'",
    "cstoannot/decisions/actions.py adopt_agreed_places": "many, so that others save",
    **dict.fromkeys(
        [
            f"cstoannot/decisions/record_actions.py {name}"
            for name in (
                "build_decision_event",
                "build_snapshots",
                "delete_consensus",
                "delete_decisions",
                "ensure_speakers",
                "store_decisions",
                "store_states",
                "write_states",
            )
        ],
        "called inside other actions'",
    ),
    "cstoannot/decisions/state_actions.py refresh_consensus_states": "many, so that others save",
    "cstoannot/decisions/weigh_actions.py begin_consensus": "called inside other actions'",
    "cstoannot/decisions/weigh_actions.py lock_coding": "called inside other actions'",
    "cstoannot/decisions/weigh_actions.py lock_sources_to_decide": "inside other actions'",
    "cstoannot/decisions/weigh_actions.py weigh_consensus": "called inside other actions'",
    "cstoannot/history/actions.py build_event": "writes nothing",
    "cstoannot/history/actions.py record_event": "called inside other actions' transactions",
    "cstoannot/history/actions.py record_events": "called inside other actions' transactions",
    "cstoannot/projects/actions.py check_project_slug": "writes nothing",
    "cstoannot/projects/invitation_actions.py rename_similar_outsiders": "inside other actions",
    "cstoannot/projects/purge_actions.py discard_restoration": "many, so that others save",
    "cstoannot/projects/purge_actions.py purge_deleted_projects": "many, so that others save",
    "cstoannot/threads/comment_actions.py lock_thread": "called inside other actions'",
    "cstoannot/threads/comment_actions.py note_reading": "called inside other actions'",
    "cstoannot/threads/comment_actions.py record_thread_event": "called inside other actions'",
    "cstoannot/threads/comment_actions.py store_comment": "called inside other actions'",
    "cstoannot/projects/results_actions.py count_results_visit": "one update",
    "cstoannot/sources/actions.py add_sources": "cuts the texts before it opens its own",
    "cstoannot/sources/actions.py create_source": "cuts the text before it opens its own",
    "cstoannot/projects/purge_actions.py purge_interrupted_restorations": "many, likewise",
    "cstoannot/projects/restore_actions.py renew_restoration": "called inside other actions'",
    "cstoannot/sources/actions.py build_source_details": "writes nothing",
}
# Ways from one row to those of others, which no surface may take around the queries.
RELATED = {
    "annotations",
    "assignments",
    "children",
    "codes",
    "events",
    "invitations",
    "memberships",
    "revisions",
    "sources",
    "speakers",
}
WRITES = {"create", "save", "delete", "update", "bulk_create", "bulk_update", "get_or_create"}
SURFACES = ("web", "api", "exchange", "management")


def _named(function: Function) -> set[str]:
    return {ast.unparse(decorator) for decorator in function.decorator_list}


def test_managers_are_used_in_models_queries_and_actions_only():
    elsewhere = {
        module.name
        for module in modules()
        if not module.holds("models", "queries", "actions")
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager", "_base_manager"}
    }
    # The door looks for the membership before there is a scope to ask with.
    assert elsewhere == {"cstoannot/projects/scope.py"}


def test_functions_of_the_domain_take_the_scope_first():
    without = [
        f"{module.name} {function.name}"
        for module in modules()
        if ROWS["projects"] <= module.row < ROWS["api"] and module.holds("queries", "actions")
        for function in module.public_functions()
        if [argument.arg for argument in function.args.args][:1] != ["scope"]
    ]
    assert sorted(without) == sorted(WITHOUT_SCOPE)


def test_scope_is_built_at_the_door_only():
    built = {
        module.name
        for module in modules()
        for node in module.nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Scope"
    }
    assert built == {"cstoannot/projects/scope.py"}


def test_door_for_new_projects_is_used_where_they_are_made():
    named = {
        module.name
        for module in modules()
        for _, imported in module.imports()
        if imported.endswith(".open_new_project")
    }
    assert named == {"cstoannot/projects/actions.py", "cstoannot/projects/restore_actions.py"}


def test_surfaces_reach_no_rows_around_the_queries():
    wrong = [
        f"{module.name}:{node.lineno} .{node.attr}"
        for module in modules()
        if module.package in SURFACES
        for node in module.nodes
        if isinstance(node, ast.Attribute)
        and node.attr in RELATED
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name | ast.Attribute)
        and ast.unparse(node.value).split(".")[-1] in {"project", "source", "code", "user"}
    ]
    assert wrong == []


def test_templates_reach_no_rows_around_the_queries():
    reach = re.compile(rf"\.({'|'.join(sorted(RELATED))}|\w+_set)(\.all|\.count|\.first|\.exists)")
    wrong = [
        f"{shown(path)}: {found[0]}"
        for path in files("templates", ".html")
        for found in reach.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_queries_write_nothing():
    wrong = [
        f"{module.name}:{node.lineno} .{node.func.attr}()"
        for module in modules()
        if module.holds("queries")
        for node in module.nodes
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
    ]
    assert wrong == []


TRANSACTIONS = {"project_action", "atomic_with_retry"}


def test_actions_are_atomic():
    without = [
        f"{module.name} {function.name}"
        for module in modules()
        if module.holds("actions")
        for function in module.public_functions()
        if not TRANSACTIONS & _named(function)
    ]
    assert sorted(without) == sorted(WITHOUT_TRANSACTION)


def test_models_override_no_saving_and_send_no_signals():
    wrong = [
        f"{module.name} {function.name}"
        for module in modules()
        if module.holds("models")
        for function in module.functions()
        if function.name in {"save", "delete", "clean"}
    ]
    wrong += [
        f"{module.name} {imported}"
        for module in modules()
        if module.path.name != "apps.py"
        for _, imported in module.imports()
        if imported.startswith(("django.db.models.signals", "django.dispatch"))
    ]
    assert wrong == []
