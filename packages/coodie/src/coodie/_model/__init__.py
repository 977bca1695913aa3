"""The Pydantic side: the base class of all models, and how values are taken out of them."""
