"""The trials of the selftest, in the order in which they run."""

from quintet.app.torture.budget_trial import attack_by_spending
from quintet.app.torture.journal_trials import (
    attack_by_change,
    attack_by_crowd,
    attack_by_cut,
    attack_by_kill,
)
from quintet.app.torture.silence_trial import attack_by_talking
from quintet.app.torture.trial import Trial
from quintet.app.torture.undo_trial import attack_by_undoing

TRIALS = (
    Trial("kill", "what was acknowledged survives kill -9", attack_by_kill),
    Trial("crowd", "many writers at once lose and double nothing", attack_by_crowd),
    Trial("cut", "a cut at any byte is named, the rest is read", attack_by_cut),
    Trial("change", "a changed byte anywhere is noticed", attack_by_change),
    Trial("budget", "no spending beyond the limit, whoever spends at once", attack_by_spending),
    Trial("undo", "undoing everything restores every byte", attack_by_undoing),
    Trial("silence", "a sealed command cannot talk, and its tries are counted", attack_by_talking),
)
