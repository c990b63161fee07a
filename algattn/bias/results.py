"""Everything of this room that can be stored and verified; :func:`algattn.load` starts here."""

from __future__ import annotations

from algattn.bias.diagnosis import DiagnosisResult
from algattn.bias.selections import SelectionsResult
from algattn.bias.svm import SVMResult
from algattn.bias.training import TrainingResult

__all__ = ["DiagnosisResult", "SVMResult", "SelectionsResult", "TrainingResult"]
