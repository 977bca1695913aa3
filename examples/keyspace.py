"""Makes the keyspace in which the quick start works."""

from coodie.sync import create_keyspace, init_coodie

init_coodie(hosts=["127.0.0.1"])
create_keyspace("my_ks")
