"""Forms by name: how the values of a block are written down at rest. One file each, one entry in the table.

Needs torch and zstandard, which the rest of kvcache does without.
"""

from __future__ import annotations

from kvcache.forms.form import Form, UnreadableForm
from kvcache.forms.int4 import Int4
from kvcache.forms.int8 import Int8
from kvcache.forms.k8v4 import K8v4
from kvcache.forms.layout import BlockLayout
from kvcache.forms.raw import Raw
from kvcache.forms.split import Split

FORMS: dict[str, Form] = {form.name: form for form in (Raw(), Split(), Int8(), K8v4(), Int4())}

__all__ = ["FORMS", "BlockLayout", "Form", "UnreadableForm"]
