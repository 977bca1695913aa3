"""What not every dialect has: written where it is there, refused by name where it is not."""

from __future__ import annotations

import pytest

from cql_builder import ast, compile_statement
from cql_builder.ast import ColumnName, IndexName, RoleName, Select, Statement, TableColumn
from cql_builder.dialects import DIALECTS, Feature, features, find_dialect
from cql_builder.errors import UnsupportedFeatureError
from cql_goldens.terms import INT, MARK, ONE, A, B, M, T, X, call

IS_1 = (ast.Comparison(A, "=", MARK),)
PAIR = ast.ColumnTuple((A, B))
R, F = RoleName("r"), ast.FunctionName("f")
CLASS = ast.Option("replication", ast.MapLiteral(((X, X),)))


def selected(one: ast.Selectable) -> Statement:
    return Select((one,), T)


def native(name: str) -> Statement:
    return selected(ast.FunctionCall(ast.NativeFunctionName(name), (A,)))


def where(relation: ast.Relation) -> Statement:
    return Select((), T, (relation,))


def on_condition(relation: ast.Relation) -> Statement:
    return ast.Delete(T, IS_1, conditions=(relation,))


def role(option: ast.RoleOption) -> Statement:
    return ast.CreateRole(R, (option,))


def granted(*permissions: ast.Permission, on: ast.Resource | None = None) -> Statement:
    return ast.Grant(permissions, on or ast.TableResource(T), R)


def column(*, mask: ast.Mask | None = None, not_null: bool = False, ttl: bool = False) -> Statement:
    return ast.CreateTable(T, (TableColumn(A, INT, mask=mask, not_null=not_null, ttl=ttl),), (A,))


NEEDS: list[tuple[Feature, Statement]] = [
    (features.VECTOR, ast.AddColumns(T, (TableColumn(A, ast.VectorType(INT, 3)),))),
    (features.CUSTOM_TYPE, ast.AddColumns(T, (TableColumn(A, ast.CustomType("Int32Type")),))),
    (features.ARITHMETIC, where(ast.Comparison(A, "=", ast.Arithmetic(ONE, "+", ONE)))),
    (features.ARITHMETIC, where(ast.Comparison(A, "=", ast.Negation(MARK)))),
    (features.ARITHMETIC, selected(ast.Arithmetic(A, "+", B))),
    (features.ARITHMETIC, selected(ast.Negation(A))),
    (features.CAST_TERM, where(ast.Comparison(A, "=", ast.Cast(MARK, INT)))),
    *[
        (features.EMPTY_DURATION, where(ast.Comparison(A, "=", ast.DurationLiteral(text))))
        for text in ("P", "-P", "PT", "P1YT")
    ],
    (features.EMPTY_COLUMN_NAME, where(ast.Comparison(ColumnName(""), "=", ONE))),
    (features.TIME_FLOOR, native("floor")),
    *[(features.COLLECTION_FUNCTIONS, native(name)) for name in ("map_keys", "map_values", "collection_sum")],
    *[(features.MATH_FUNCTIONS, native(name)) for name in ("abs", "exp", "log", "log10", "round")],
    *[(features.MASKING_FUNCTIONS, native(f"mask_{name}")) for name in ("null", "default", "inner", "hash")],
    *[(features.SIMILARITY_FUNCTIONS, native(f"similarity_{name}")) for name in ("cosine", "euclidean")],
    (features.TYPE_HINT_SELECTOR, selected(ast.TypeHint(INT, MARK))),
    (features.USER_TYPE_WITHOUT_TYPE, selected(ast.UserTypeLiteral((("a", ONE),)))),
    (features.USER_TYPE_WITHOUT_TYPE, selected(call("f", ast.UserTypeLiteral((("a", ONE),))))),
    (features.COLLECTION_SELECTOR, selected(ast.ListLiteral((A,)))),
    (features.COLLECTION_SELECTOR, selected(ast.ListLiteral((ast.ListLiteral((A,)),)))),
    (features.COLLECTION_SELECTOR, selected(ast.ListLiteral((ast.FunctionCall(ast.FunctionName("f"), (A,)),)))),
    (features.COLLECTION_SELECTOR, selected(ast.TupleLiteral((ast.CountRows(), ONE)))),
    (features.COLLECTION_SELECTOR, selected(ast.MapLiteral(((ONE, ast.Token((A,))),)))),
    (features.SLICE, selected(ast.Slice(M, ONE))),
    (features.WRITETIME_OF_PART, selected(ast.WriteTime(ast.Element(M, ONE)))),
    (features.WRITETIME_OF_PART, selected(ast.TimeToLive(ast.Field(A, "f")))),
    (features.MAXWRITETIME, selected(ast.MaxWriteTime(A))),
    (features.GROUP_BY_EXPRESSION, Select((A,), T, group_by=(call("f", ONE),))),
    (features.NEAREST, Select((A,), T, order_by=(ast.NearestOrdering(A, MARK),))),
    (features.SELECT_WITHOUT_TABLE, Select((call("now"),), None)),
    (features.MUTATION_FRAGMENTS, Select((), T, mutation_fragments=True)),
    (features.ORDER_BY_FUNCTION, Select((), T, order_by=(ast.Ordering(call("bm25", X)),))),
    (features.BYPASS_CACHE, Select((), T, bypass_cache=True)),
    (features.INDEX_HINTS, Select((), T, index_hints=(ast.IndexHints(included=True, indexes=(IndexName("i"),)),))),
    (features.NOT_IN, where(ast.In(A, MARK, negated=True))),
    (features.TUPLE_NOT_IN, where(ast.In(PAIR, MARK, negated=True))),
    (features.BETWEEN, where(ast.Between(A, ONE, ONE))),
    (features.NOT_CONTAINS, where(ast.Contains(A, ONE, negated=True))),
    (features.NOT_CONTAINS, where(ast.ContainsKey(A, ONE, negated=True))),
    (features.INDEX_EXPRESSION, where(ast.IndexExpression(IndexName("i"), X))),
    (features.FUNCTION_RELATION, where(ast.Comparison(call("f"), "=", ONE))),
    (
        features.CLUSTERING_BOUND,
        where(ast.Comparison(PAIR, ">", ast.ClusteringBound(ast.TupleLiteral((ONE, ONE))))),
    ),
    (features.CONTAINS_CONDITION, on_condition(ast.Contains(A, ONE))),
    (features.CONTAINS_CONDITION, on_condition(ast.ContainsKey(A, ONE))),
    (features.LIKE_CONDITION, on_condition(ast.Like(A, X))),
    *[(features.LIKE_OF_OTHERS, where(ast.Like(left, X))) for left in (ast.Element(A, X), ast.Token((A,)), call("f"))],
    (features.LIKE_OF_OTHERS, where(ast.Like(PAIR, MARK))),
    (features.NOT_IN_CONDITION, on_condition(ast.In(A, MARK, negated=True))),
    (features.USING_TIMEOUT, ast.Truncate(T, (ast.UsingTimeout(MARK),))),
    (features.USING_SERVICE_LEVEL, Select((), T, using=(ast.UsingServiceLevel("sl"),))),
    (features.BYPASS_GUARDRAILS, ast.Delete(T, IS_1, bypass_guardrails=True)),
    (features.TRANSACTIONS, ast.Transaction()),
    (features.TRANSACTIONS, ast.Let("r", (), T, IS_1)),
    (features.PRUNE_VIEW, ast.PruneMaterializedView(T)),
    (features.KEYSPACE_WITHOUT_OPTIONS, ast.CreateKeyspace("k", ())),
    (
        features.COLLECTION_OPTION,
        ast.AlterKeyspace("k", (ast.Option("a", ast.MapLiteral(((X, ast.ListLiteral((X,))),))),)),
    ),
    (features.IF_EXISTS_ON_ALTER, ast.AlterKeyspace("k", (CLASS,), if_exists=True)),
    (features.IF_EXISTS_ON_ALTER, ast.AlterTableOptions(T, (CLASS,), if_exists=True)),
    (features.IF_EXISTS_ON_ALTER, ast.AlterRole(R, if_exists=True)),
    (features.IF_EXISTS_ON_ALTER, ast.AlterUser(R, if_exists=True)),
    (features.IF_EXISTS_ON_ALTER, ast.AlterMaterializedView(T, (CLASS,), if_exists=True)),
    (features.IF_NOT_EXISTS_ON_ADD, ast.AddColumns(T, (TableColumn(A, INT),), if_not_exists=True)),
    (features.IF_NOT_EXISTS_ON_ADD, ast.DropColumns(T, (A,), if_columns_exist=True)),
    (features.IF_NOT_EXISTS_ON_ADD, ast.RenameFields(ast.UserType("u"), (("a", "b"),), if_fields_exist=True)),
    (features.NULL_OPTION, ast.AlterKeyspace("k", (ast.Option("a", ast.NullLiteral()),))),
    (
        features.REPLACE_IF_NOT_EXISTS,
        ast.CreateFunction(F, (), INT, "java", "", or_replace=True, if_not_exists=True),
    ),
    (features.FUNCTION_WITHOUT_KEYSPACE, granted(on=ast.FunctionResource(F, ()))),
    (features.MASKING, column(mask=ast.Mask())),
    (features.MASKING, ast.MaskColumn(T, A, None)),
    (features.CONSTRAINTS, column(not_null=True)),
    (features.CONSTRAINTS, ast.ConstrainColumn(T, A, (ast.NotNullConstraint(),))),
    (features.ROW_TTL, column(ttl=True)),
    (features.ROW_TTL, ast.ExpireRows(T, None)),
    (features.MARKER_IN_DROP, ast.DropColumns(T, (A,), timestamp=MARK)),
    (features.COPY_TABLE, ast.CopyTable(T, T)),
    (features.DROP_COMPACT_STORAGE, ast.DropCompactStorage(T)),
    (features.COMPACT_VIEW, ast.CreateMaterializedView(T, (), T, (), (A,), compact_storage=True)),
    (features.VIEW_OF_INDEX, ast.CreateIndex(None, T, (ast.IndexTarget(A),), compact_storage=True)),
    (features.VIEW_OF_INDEX, ast.CreateIndex(None, T, (ast.IndexTarget(A),), clustering_order=(ast.Ordering(B),))),
    (features.LOCAL_INDEX, ast.CreateIndex(None, T, (ast.LocalIndexTarget((A,)),))),
    (features.TRIGGERS, ast.CreateTrigger("tr", T, "c")),
    (features.TRIGGERS, ast.DropTrigger("tr", T)),
    (features.REDUCE_FUNCTION, ast.CreateAggregate(ast.FunctionName("f"), (), "s", INT, reduce_function="r")),
    (features.COMMENT_ON, ast.CommentOn(T, "x")),
    (features.SECURITY_LABEL, ast.SecurityLabelOn(T, "x")),
    (features.HASHED_PASSWORD, role(ast.Password("x", hashed=True))),
    (features.HASHED_PASSWORD_OF_USER, ast.CreateUser(R, ast.Password("x", hashed=True))),
    (features.GENERATED_PASSWORD, role(ast.GeneratedPassword())),
    (features.GENERATED_PASSWORD, ast.CreateUser(R, ast.GeneratedPassword())),
    (features.GENERATED_ROLE, ast.CreateRole(None, generated=True)),
    (features.ACCESS_TO_DATACENTERS, role(ast.AccessToDatacenters())),
    (features.ACCESS_FROM_CIDRS, role(ast.AccessFromCidrs())),
    (features.SEVERAL_PERMISSIONS, granted("SELECT", "MODIFY")),
    (features.ALL_TABLES_IN_KEYSPACE, granted("SELECT", on=ast.AllTables("k"))),
    (features.MASKING_PERMISSIONS, granted("UNMASK")),
    (features.MASKING_PERMISSIONS, granted("SELECT_MASKED")),
    (features.VECTOR_PERMISSION, granted("VECTOR_SEARCH_INDEXING", on=ast.AllKeyspaces())),
    (features.TEXT_PERMISSION, granted("TEXT_SEARCH_INDEXING", on=ast.AllKeyspaces())),
    (features.MBEANS, granted(on=ast.AllMBeans())),
    (features.MBEANS, granted(on=ast.MBeanResource("a:b=c"))),
    (features.IDENTITIES, ast.AddIdentity("i", R)),
    (features.IDENTITIES, ast.DropIdentity("i")),
    (features.LIST_SUPERUSERS, ast.ListSuperusers()),
    (features.SERVICE_LEVELS, ast.CreateServiceLevel("sl")),
    (features.SERVICE_LEVELS, ast.DetachServiceLevel(R)),
    (features.DESCRIBE_PASSWORDS, ast.DescribeGroup("schema", internals=True, passwords=True)),
]


@pytest.mark.parametrize(
    ("feature", "tree"), NEEDS, ids=[f"{feature.name}-{type(tree).__name__}" for feature, tree in NEEDS]
)
def test_a_feature_is_written_where_it_is_there_and_refused_elsewhere(feature: Feature, tree: Statement) -> None:
    having = [dialect.name for dialect in DIALECTS.values() if feature in dialect.features]
    assert 0 < len(having) < len(DIALECTS)
    for name in having:
        assert compile_statement(tree, dialect=find_dialect(name)).cql
    for name in set(DIALECTS) - set(having):
        with pytest.raises(UnsupportedFeatureError) as caught:
            compile_statement(tree, dialect=name)
        have = "has" if len(having) == 1 else "have"
        instead = f"; instead, {feature.alternative}" if feature.alternative else ""
        assert str(caught.value) == f"{name} has no {feature.name}; {', '.join(having)} {have} it{instead}"


def test_every_feature_is_needed_somewhere() -> None:
    known = {feature for feature in vars(features).values() if isinstance(feature, Feature)}
    # Every dialect has another way to write these: users as strings, and `c = c + …` but for what a transaction read.
    written_otherwise = {features.KEYWORD_AS_USER, features.SHORTHAND_ASSIGNMENT}
    # Every grammar has this, so that it is asked of what is built alone.
    refused_later = {
        features.NOT_EQUAL,
        features.SECOND_COMPARISON,
        features.TOKEN_IN_WRITE,
        features.IN_BESIDE_CONDITION,
        features.OTHER_TYPE,
        features.INDEX_CLASS,
    }
    # And this is no text, but how many values the server wants for it.
    counted = {features.SHARED_MARKER}
    # And of this a dialect without vectors says that it has none.
    within_another = {features.DIMENSION_BELOW_ONE}
    assert known - {feature for feature, _ in NEEDS} == written_otherwise | refused_later | counted | within_another
