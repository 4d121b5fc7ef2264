"""Who checks which format: one module for each family, one line here for each."""

from core.exports.validation.report import Validator

_ALL: tuple[Validator, ...] = ()

VALIDATORS: dict[str, Validator] = {name: each for each in _ALL for name in each.formats}
