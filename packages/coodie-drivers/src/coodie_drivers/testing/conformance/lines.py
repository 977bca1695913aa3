"""Each line of the contract and each row of the type table, with the cases that hold an adapter to it."""

from __future__ import annotations

from typing import Final

__all__ = ["CONTRACT", "TYPES"]

CONTRACT: Final[dict[str, tuple[str, ...]]] = {
    # The members of `AbstractDriver`.
    "needs_row_validation": ("test_a_driver_is_of_the_contract",),
    "supports_unset": ("test_a_driver_is_of_the_contract", "test_unset_leaves_a_column_and_none_deletes_it"),
    "default_keyspace": ("test_a_connection_knows_its_default_keyspace",),
    "execute": ("test_rows_are_dicts_in_the_order_that_was_asked_for", "test_what_is_no_text_is_refused"),
    "execute_async": ("test_rows_are_dicts_in_the_order_that_was_asked_for", "test_what_is_no_text_is_refused"),
    "execute_one": (
        "test_execute_one_gives_the_first_column_of_the_first_row",
        "test_for_one_value_no_page_after_it_is_fetched",
    ),
    "execute_one_async": (
        "test_execute_one_gives_the_first_column_of_the_first_row",
        "test_for_one_value_no_page_after_it_is_fetched",
    ),
    "sync_table": (
        "test_a_table_is_made_once_and_then_left_alone",
        "test_what_a_table_lacks_is_added_and_indexes_go_only_when_asked",
        "test_what_would_lose_data_is_refused",
    ),
    "sync_table_async": (
        "test_a_table_is_made_once_and_then_left_alone",
        "test_what_a_table_lacks_is_added_and_indexes_go_only_when_asked",
        "test_what_would_lose_data_is_refused",
        "test_making_a_table_leaves_the_event_loop_free",
    ),
    "close": (
        "test_a_closed_driver_refuses_everything_and_closes_again",
        "test_closing_waits_for_what_is_under_way",
        "test_closing_waits_for_requests_whose_statement_is_being_prepared",
        "test_closing_waits_for_requests_that_a_busy_node_turned_away",
        "test_closing_waits_no_longer_than_it_may",
        "test_closing_at_once_ends_the_pauses_for_a_busy_node",
        "test_closing_again_may_cut_what_the_first_waits_for",
    ),
    "close_async": (
        "test_a_closed_driver_refuses_everything_and_closes_again",
        "test_closing_waits_for_what_is_under_way",
        "test_closing_waits_for_requests_whose_statement_is_being_prepared",
        "test_closing_waits_for_requests_that_a_busy_node_turned_away",
        "test_closing_waits_no_longer_than_it_may",
        "test_closing_at_once_ends_the_pauses_for_a_busy_node",
        "test_closing_that_is_cancelled_ends_the_connections",
        "test_closing_again_may_cut_what_was_cancelled",
        "test_connecting_and_closing_leave_the_event_loop_free",
    ),
    "send": ("test_a_reply_has_the_columns_of_one_name_too", "test_a_batch_is_applied_whole"),
    "send_async": ("test_a_reply_has_the_columns_of_one_name_too", "test_a_batch_is_applied_whole"),
    "__enter__": ("test_a_block_closes_its_driver",),
    "__exit__": ("test_a_block_closes_its_driver",),
    "__aenter__": ("test_a_block_closes_its_driver",),
    "__aexit__": ("test_a_block_closes_its_driver",),
    # The arguments of `execute`.
    "execute(consistency)": (
        "test_too_few_replicas_are_told",
        "test_the_default_consistency_of_a_connection_holds",
        "test_a_consistency_that_there_is_not_is_refused",
        "test_options_of_one_call_are_not_those_of_another",
    ),
    "execute(timeout)": ("test_the_clients_own_limit_leaves_a_write_unknown",),
    "execute(fetch_size)": (
        "test_pages_follow_each_other_without_loss_or_repetition",
        "test_the_page_size_of_the_connection_is_taken",
    ),
    "execute(paging_state)": (
        "test_pages_follow_each_other_without_loss_or_repetition",
        "test_what_is_no_paging_state_is_refused_in_words",
        "test_a_wrong_paging_state_fails_alone",
    ),
    "execute(params)": (
        "test_values_are_as_many_as_markers",
        "test_a_statement_without_markers_takes_no_values",
        "test_a_value_that_cannot_be_bound_names_column_and_type_but_never_itself",
        "test_what_a_type_cannot_carry_is_refused_by_name",
        "test_a_null_in_the_partition_key_is_refused_before_it_is_sent",
    ),
    # What a `Reply`, and `Rows`, tell.
    "rows": (
        "test_without_page_options_all_rows_of_all_pages_come",
        "test_a_request_is_answered_by_one_page_of_a_thousand_rows",
    ),
    "columns": (
        "test_an_empty_answer_has_columns_and_no_rows",
        "test_an_alias_names_its_column",
        "test_rows_keep_the_columns_of_their_own_page",
    ),
    "applied": (
        "test_a_lightweight_transaction_says_whether_it_was_applied",
        "test_a_conditional_batch_says_whether_it_was_applied",
        "test_a_condition_on_a_row_with_a_short_tuple_says_whether_it_was_applied",
        "test_a_conditional_write_comes_after_the_plain_one_before_it",
        "test_a_refused_condition_is_told_beside_a_duration",
    ),
    "warnings": ("test_the_server_may_warn",),
    "coordinator": ("test_the_node_that_answered_is_told",),
    "attempts": ("test_an_observer_is_told_of_each_request",),
    # Batches.
    "batch: logged and unlogged": (
        "test_a_batch_is_applied_whole",
        "test_a_batch_too_large_for_the_protocol_is_refused",
    ),
    "batch: counter": ("test_a_counter_batch_counts",),
    "batch: timestamp": (
        "test_a_batch_has_its_own_timestamp",
        "test_a_batch_may_have_a_timestamp_before_1970",
        "test_a_part_of_a_batch_may_have_another_timestamp",
    ),
    # Errors.
    "errors: the server's refusals": (
        "test_what_is_no_cql_is_refused_by_its_text",
        "test_what_cannot_be_is_refused_by_the_servers_own_sentence",
        "test_what_exists_already_is_told_apart",
        "test_refusals_are_no_failures_of_the_cluster",
    ),
    "errors: too few replicas": (
        "test_too_few_replicas_are_told",
        "test_too_few_replicas_are_told_with_their_numbers",
    ),
    "errors: functions": ("test_a_failing_function_is_told_by_name",),
    "errors: never a value": (
        "test_a_value_that_cannot_be_bound_names_column_and_type_but_never_itself",
        "test_a_bound_number_is_not_repeated_in_the_refusal",
        "test_bound_json_is_not_repeated_in_the_refusal",
        "test_a_failing_function_is_told_by_name",
    ),
    "errors: outcome": (
        "test_the_clients_own_limit_leaves_a_write_unknown",
        "test_a_time_beyond_pythons_years_fails_its_reader_alone",
    ),
    # Connections.
    "connecting: arguments": (
        "test_options_of_every_connection_are_taken",
        "test_an_argument_that_cannot_be_is_a_configuration_error",
    ),
    "connecting: nobody answers": ("test_when_no_host_answers_each_is_named_and_nothing_is_registered",),
    "connecting: lazily": ("test_a_lazy_driver_connects_on_first_use_and_once",),
    "connecting: observers": ("test_an_observer_is_told_of_each_request",),
    "connecting: forks": (
        "test_a_forked_child_connects_anew",
        "test_a_forked_child_is_never_kept_waiting",
        "test_a_lazy_driver_that_was_not_used_connects_in_a_child",
    ),
    # Statements, threads, tasks and event loops.
    "statements: prepared once": (
        "test_many_who_ask_at_once_prepare_once",
        "test_a_statement_that_failed_to_prepare_is_tried_again",
    ),
    "statements: true to a table that changes": (
        "test_a_change_of_the_columns_shows_in_the_next_answer",
        "test_a_table_that_is_made_anew_is_bound_by_its_own_types",
        "test_no_reader_sees_a_wrong_value_while_columns_come_and_go",
    ),
    "any number of threads and event loops": (
        "test_many_requests_at_once_get_each_its_own_answer",
        "test_two_hundred_who_ask_one_after_the_other",
        "test_threads_and_event_loops_share_one_driver",
    ),
    "an event loop is never blocked": (
        "test_preparing_leaves_the_event_loop_free",
        "test_connecting_and_closing_leave_the_event_loop_free",
        "test_making_a_table_leaves_the_event_loop_free",
    ),
    "an event loop may go": (
        "test_cancelled_tasks_leave_no_trace",
        "test_an_event_loop_that_ends_before_its_answers_disturbs_nobody",
    ),
}
"""Each member of `AbstractDriver`, what a reply tells, and what the contract promises in words; with their cases."""

_PLAIN: Final = ("test_a_value_comes_back_as_it_was", "test_null_is_none", "test_values_in_keys_and_static_columns")
_INSIDE: Final = (
    "test_values_inside_lists",
    "test_values_inside_tuples",
    "test_values_inside_maps",
    "test_values_inside_user_defined_types",
    "test_values_inside_vectors",
)
_KEYS: Final = ("test_values_inside_sets", "test_values_as_keys_of_maps")
_NATIVE: Final = (*_PLAIN, *_INSIDE, *_KEYS)
_EMPTY: Final = ("test_an_empty_value_of_the_server_is_none", "test_an_empty_value_inside_others_is_none")
_OTHER_FORMS: Final = "test_other_forms_of_a_value_that_lose_nothing_are_taken"

TYPES: Final[dict[str, tuple[str, ...]]] = {
    "ascii": _NATIVE,
    "bigint": _NATIVE,
    "blob": (*_NATIVE, _OTHER_FORMS),
    "boolean": _NATIVE,
    "counter": ("test_counters_are_ints",),
    "date": _NATIVE,
    "decimal": (*_NATIVE, _OTHER_FORMS, *_EMPTY),
    "double": (*_NATIVE, _OTHER_FORMS),
    "duration": (
        *_PLAIN,
        *_INSIDE,
        "test_the_longest_duration",
        "test_the_longest_months_and_days_inside_a_tuple",
        "test_a_null_number_beside_a_duration",
    ),
    "float": _NATIVE,
    "inet": (*_NATIVE, _OTHER_FORMS),
    "int": (*_NATIVE, *_EMPTY),
    "smallint": _NATIVE,
    "text": _NATIVE,
    "time": (*_NATIVE, "test_what_is_below_a_microsecond_of_a_time_is_cut_off"),
    "timestamp": (*_NATIVE, _OTHER_FORMS, *_EMPTY, "test_a_time_beyond_pythons_years_fails_its_reader_alone"),
    "timeuuid": _NATIVE,
    "tinyint": _NATIVE,
    "uuid": (*_NATIVE, *_EMPTY),
    "varchar": _NATIVE,
    "varint": (*_NATIVE, *_EMPTY),
    "list": (
        "test_values_inside_lists",
        "test_types_inside_types",
        "test_an_empty_value_of_the_server_deep_inside_others_is_none",
        "test_empty_collections_are_null_unless_frozen",
        "test_empty_frozen_collections_under_other_names_and_in_views",
        "test_nan_and_infinity_beside_a_null",
        "test_parts_of_a_collection_that_never_expire_have_no_time_to_live",
    ),
    "set": (
        "test_values_inside_sets",
        "test_types_inside_types",
        "test_empty_collections_are_null_unless_frozen",
        "test_numbers_that_json_has_not_inside_sets_of_lists",
        "test_long_numbers_inside_sets_of_lists",
    ),
    "map": ("test_values_inside_maps", "test_values_as_keys_of_maps", "test_types_inside_types"),
    "tuple": (
        "test_values_inside_tuples",
        "test_types_inside_types",
        "test_tuples_with_fewer_values_than_their_type_end_with_nulls",
    ),
    "vector": (
        "test_values_inside_vectors",
        "test_collections_inside_vectors_and_vectors_inside_collections",
        "test_user_defined_types_and_tuples_inside_vectors",
        "test_any_sequence_of_numbers_is_taken_for_a_vector",
        "test_empty_texts_inside_vectors",
    ),
    "user-defined": (
        "test_values_inside_user_defined_types",
        "test_user_defined_types_inside_user_defined_types",
        "test_user_defined_types_inside_sets",
        "test_fields_left_out_of_a_user_defined_type_are_null",
        "test_fields_that_were_added_to_a_type_later_are_null",
    ),
}
"""Each row of `coodie_drivers.values.PYTHON_TYPES`, and the types that users define; with their cases."""
