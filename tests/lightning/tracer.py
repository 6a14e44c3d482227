# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down what Lightning calls, in the format of `leyden fit --trace`; README.md has the rules."""
import json
import math

from lightning.pytorch import Callback

# What the wrapped methods take besides self; the names of the arguments matter to Lightning.
MODULE_HOOKS = {
    "none": """prepare_data configure_model configure_callbacks configure_optimizers
        on_fit_start on_fit_end on_train_start on_train_end on_train_epoch_start on_train_epoch_end on_after_backward
        on_validation_start on_validation_end on_validation_epoch_start on_validation_epoch_end
        on_validation_model_zero_grad on_validation_model_eval
        on_test_start on_test_end on_test_epoch_start on_test_epoch_end on_test_model_eval
        on_predict_start on_predict_end on_predict_epoch_start on_predict_epoch_end on_predict_model_eval""".split(),
    "stage": ["setup", "teardown"],
    "checkpoint": ["on_save_checkpoint", "on_load_checkpoint"],
    "optimizer": ["on_before_zero_grad", "on_before_optimizer_step"],
    "loss": ["on_before_backward"],
}
CALLBACK_HOOKS = """setup teardown on_exception on_save_checkpoint on_load_checkpoint
    on_fit_start on_fit_end on_sanity_check_start on_sanity_check_end on_train_start on_train_end
    on_train_epoch_start on_train_epoch_end on_before_zero_grad on_before_backward on_after_backward
    on_before_optimizer_step
    on_validation_start on_validation_end on_validation_epoch_start on_validation_epoch_end
    on_test_start on_test_end on_test_epoch_start on_test_epoch_end
    on_predict_start on_predict_end on_predict_epoch_start on_predict_epoch_end""".split()
EVALUATIONS = ("validation", "test", "predict")


def json_value(value):
    """Not-a-number and the infinities as the texts that the contract names."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


class Trace:
    """The lines of one run. `trainer` has to be set before the run starts."""

    def __init__(self):
        self.lines = []
        self.trainer = None

    def _counters(self):
        return {"epoch": self.trainer.current_epoch, "global_step": self.trainer.global_step}

    def hook(self, name, on, **fields):
        self.lines.append({"hook": name, "on": on, **self._counters(), **fields})

    def call(self, name):
        self.lines.append({"call": name, **self._counters()})

    def watch(self, logger):
        """Writes a line for each dict that this logger receives."""
        log_metrics = logger.log_metrics

        def log_metrics_and_note(metrics, step=None):
            self.lines.append({"log": {name: json_value(value) for name, value in metrics.items()}, "step": step})
            log_metrics(metrics, step)

        logger.log_metrics = log_metrics_and_note

    def write(self, file):
        with open(file, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in self.lines)


def tracing_callback(trace):
    """A callback that implements every hook. It has no state, so it changes no checkpoint."""
    methods = {}

    def note(name):
        def method(self, trainer, pl_module, *args, **kwargs):
            trace.hook(name, "callback")
        methods[name] = method

    def note_train_batch(name):
        def method(self, trainer, pl_module, *args):
            trace.hook(name, "callback", batch_idx=args[-1])
        methods[name] = method

    def note_batch_start(name):
        def method(self, trainer, pl_module, batch, batch_idx, dataloader_idx=0):
            trace.hook(name, "callback", batch_idx=batch_idx, dataloader_idx=dataloader_idx)
        methods[name] = method

    def note_batch_end(name):
        def method(self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx=0):
            trace.hook(name, "callback", batch_idx=batch_idx, dataloader_idx=dataloader_idx)
        methods[name] = method

    for hook in CALLBACK_HOOKS:
        note(hook)
    note_train_batch("on_train_batch_start")
    note_train_batch("on_train_batch_end")
    for evaluation in EVALUATIONS:
        note_batch_start(f"on_{evaluation}_batch_start")
        note_batch_end(f"on_{evaluation}_batch_end")
    return type("Tracer", (Callback,), methods)()


def traced_module(base, trace):
    """A subclass of `base` that notes each hook and call, then lets `base` do it."""
    methods = {}

    def wrap(name, signature, **fields):
        # Explicit argument names: Lightning looks at the signatures of steps and batch hooks.
        note = (f"trace.call({name!r})" if fields.pop("is_call", False)
                else f"trace.hook({name!r}, 'module'{''.join(f', {key}={key}' for key in fields)})")
        arguments = ", ".join(part.split("=")[0] for part in signature)
        scope = {"trace": trace, "methods": methods}
        exec(f"def {name}(self{''.join(', ' + part for part in signature)}):\n"
             f"    {note}\n"
             f"    return super(methods['class'], self).{name}({arguments})\n", scope)
        methods[name] = scope[name]

    for argument, hooks in MODULE_HOOKS.items():
        for hook in hooks:
            wrap(hook, [] if argument == "none" else [argument])
    for hook in ("on_before_batch_transfer", "on_after_batch_transfer"):
        wrap(hook, ["batch", "dataloader_idx"], dataloader_idx=True)
    wrap("transfer_batch_to_device", ["batch", "device", "dataloader_idx"], dataloader_idx=True)
    wrap("on_train_batch_start", ["batch", "batch_idx"], batch_idx=True)
    wrap("on_train_batch_end", ["outputs", "batch", "batch_idx"], batch_idx=True)
    for evaluation in EVALUATIONS:
        places = {"batch_idx": True, "dataloader_idx": True}
        wrap(f"on_{evaluation}_batch_start", ["batch", "batch_idx", "dataloader_idx=0"], **places)
        wrap(f"on_{evaluation}_batch_end", ["outputs", "batch", "batch_idx", "dataloader_idx=0"], **places)
    clipping = ["optimizer", "gradient_clip_val=None", "gradient_clip_algorithm=None"]
    wrap("configure_gradient_clipping", clipping)
    for step in ("training_step", "validation_step", "test_step", "predict_step"):
        wrap(step, ["batch", "batch_idx"], is_call=True)
    wrap("backward", ["loss", "*args", "**kwargs"], is_call=True)
    wrap("optimizer_step", ["epoch", "batch_idx", "optimizer", "optimizer_closure=None"], is_call=True)
    wrap("optimizer_zero_grad", ["epoch", "batch_idx", "optimizer"], is_call=True)
    wrap("lr_scheduler_step", ["scheduler", "metric"], is_call=True)
    # on_validation_model_train and on_test_model_train stay: Lightning calls them only where they are overridden.
    traced = type(base.__name__, (base,), dict(methods))
    methods["class"] = traced
    return traced


def traced_datamodule(base, trace):
    """Likewise for a datamodule. The transfer hooks are left to the module, where Lightning looks next."""
    class Traced(base):
        def prepare_data(self):
            trace.hook("prepare_data", "datamodule")
            super().prepare_data()

        def setup(self, stage):
            trace.hook("setup", "datamodule")
            super().setup(stage)

        def train_dataloader(self):
            trace.hook("train_dataloader", "datamodule")
            return super().train_dataloader()

        def val_dataloader(self):
            trace.hook("val_dataloader", "datamodule")
            return super().val_dataloader()

        def test_dataloader(self):
            trace.hook("test_dataloader", "datamodule")
            return super().test_dataloader()

        def predict_dataloader(self):
            trace.hook("predict_dataloader", "datamodule")
            return super().predict_dataloader()

        def on_exception(self, exception):
            trace.hook("on_exception", "datamodule")
            super().on_exception(exception)

        def teardown(self, stage):
            trace.hook("teardown", "datamodule")
            super().teardown(stage)

    Traced.__name__ = base.__name__
    return Traced
