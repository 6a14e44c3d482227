# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws small run configs: data, model, optimizer, scheduler and the Trainer's arguments."""
import csv
import math

from csv_data import CSVData

MOST_BATCHES = 60  # of a run, so that many runs take little time

# Each puts weights of its own into checkpoints; Lightning keeps those of the last in the list.
OWNERS = ("StochasticWeightAveraging", "WeightAveraging", "EMAWeightAveraging", "ModelPruning")

TABLES = {  # file: (target, is it a class, rows)
    "digits.csv": ("digit", True, 1797),
    "iris.csv": ("species", True, 150),
    "wine.csv": ("cultivar", True, 178),
    "penguins.csv": ("species", True, 333),
    "diabetes.csv": ("progression", False, 442),
}


def write_table(rng, file):
    """A table of numbers, whole numbers and texts; returns (target, is it a class, rows)."""
    rows, is_class = rng.randint(20, 300), rng.random() < 0.5
    columns = rng.randint(1, 6)
    with open(file, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([f"x{i}" for i in range(columns)] + ["kind", "y"])
        for _ in range(rows):
            numbers = [rng.gauss(0, 1) * 10 ** (i - 1) for i in range(columns)]
            kind = rng.choice(["red", "green", "blue"])
            score = sum(numbers) + (kind == "red") + rng.gauss(0, 0.5)
            numbers[-1] = round(numbers[-1])
            writer.writerow([*map(repr, numbers), kind, ("high" if score > 0 else "low") if is_class else repr(score)])
    return "y", is_class, rows


class Drawer:
    """`components` holds the names that the program knows, as "optimizer.SGD"; `accelerator` is cpu or cuda."""

    def __init__(self, rng, datasets, components, accelerator="cpu"):
        self.rng, self.datasets, self.components, self.accelerator = rng, datasets, components, accelerator

    def chance(self, probability):
        return self.rng.random() < probability

    def known(self, kind, *names):
        return self.rng.choice([name for name in names if f"{kind}.{name}" in self.components])

    def data(self, folder):
        rng = self.rng
        if self.chance(0.4):
            path = folder / "table.csv"
            target, self.is_class, rows = write_table(rng, path)
        else:
            name = rng.choice(list(TABLES))
            path = self.datasets / name
            target, self.is_class, rows = TABLES[name]
        arguments = {"path": str(path), "target": target, "batch_size": max(2, rows // rng.randint(2, 12)),
                     "shuffle": self.chance(0.8), "drop_last": self.chance(0.3), "split_seed": rng.randint(0, 9),
                     "standardize": self.chance(0.8), "missing": "drop" if self.chance(0.7) else "mean"}
        if self.chance(0.2):
            arguments.update(val_rows=rng.randint(0, rows // 3), test_rows=rng.randint(0, rows // 4))
        else:
            arguments.update(val_fraction=rng.choice([0.0, 0.1, 0.2, 0.33]), test_fraction=rng.choice([0.0, 0.1]))
        if not self.is_class:
            arguments["standardize_target"] = self.chance(0.7)
        return {"class_path": "CSVData", "init_args": arguments}

    def model(self):
        rng = self.rng
        return {"class_path": "MLP", "init_args": {
            "hidden_sizes": [rng.randint(1, 40) for _ in range(rng.choice([0, 1, 1, 2, 3]))],
            "activation": rng.choice(["relu", "tanh", "gelu", "sigmoid", "silu"]),
            "dropout": rng.choice([0.0, 0.0, 0.1, 0.5]), "batch_norm": self.chance(0.25)}}

    def optimizer(self):
        rng = self.rng
        name = self.known("optimizer", "SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta",
                          "RMSprop", "ASGD", "Rprop", "LBFGS")
        arguments = {"lr": round(10 ** rng.uniform(-4, -0.7), 6)}
        if name == "LBFGS":
            arguments.update(max_iter=rng.randint(1, 4), history_size=rng.randint(1, 5),
                             line_search_fn=rng.choice([None, "strong_wolfe"]))
        elif name != "Rprop":
            arguments["weight_decay"] = rng.choice([0.0, 0, 0.01, 0.1])
        if name == "SGD":
            momentum = rng.choice([0.0, 0, 0.5, 0.9])
            nesterov = momentum > 0 and self.chance(0.3)
            arguments.update(momentum=momentum, nesterov=nesterov,
                             dampening=rng.choice([0.0, 0]) if nesterov else rng.choice([0.0, 0, 0.1, 1]))
        elif name in ("Adam", "AdamW", "NAdam", "RAdam", "Adamax"):
            arguments.update(betas=[rng.choice([0.9, 0.8]), rng.choice([0.999, 0.95])], eps=rng.choice([1e-8, 1e-6]))
        elif name == "RMSprop":
            arguments.update(momentum=rng.choice([0.0, 0, 0.9]), centered=self.chance(0.5))
        elif name == "Rprop":
            arguments.update(step_sizes=[1e-6, rng.choice([50, 50.0])])
        elif name == "Adagrad":
            arguments.update(lr_decay=rng.choice([0.0, 0, 0.01]), initial_accumulator_value=rng.choice([0.0, 0]))
        # What is not said is a whole 0 in most of them, which logs and checkpoints show.
        for key in ("weight_decay", "momentum", "dampening", "lr_decay", "initial_accumulator_value", "step_sizes"):
            if key in arguments and self.chance(0.3) and not (key == "momentum" and arguments.get("nesterov")):
                del arguments[key]
        if name in ("Adam", "AdamW"):
            arguments["amsgrad"] = self.chance(0.2)
        if name in ("SGD", "Adam", "AdamW", "Adagrad") and self.chance(0.25):
            arguments["fused"] = True
        return {"class_path": name, "init_args": arguments}

    def scheduler(self):
        rng = self.rng
        if self.chance(0.35):
            return None
        name = self.known("lr_scheduler", "StepLR", "CosineAnnealingLR", "MultiStepLR", "ExponentialLR", "LinearLR",
                          "ConstantLR", "PolynomialLR", "CosineAnnealingWarmRestarts", "OneCycleLR", "CyclicLR",
                          "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler")
        arguments = {
            "StepLR": lambda: {"step_size": rng.randint(1, 4), "gamma": rng.choice([0.1, 0.5, 0.97])},
            "CosineAnnealingLR": lambda: {"T_max": rng.randint(1, 20), "eta_min": rng.choice([0.0, 1e-5])},
            "MultiStepLR": lambda: {"milestones": sorted(rng.sample(range(1, 12), 3)), "gamma": 0.3},
            "ExponentialLR": lambda: {"gamma": rng.choice([0.9, 0.99])},
            "LinearLR": lambda: {"start_factor": 0.2, "end_factor": 1.0, "total_iters": rng.randint(1, 8)},
            "ConstantLR": lambda: {"factor": 0.5, "total_iters": rng.randint(1, 8)},
            "PolynomialLR": lambda: {"total_iters": rng.randint(2, 20), "power": rng.choice([1.0, 2.0])},
            "CosineAnnealingWarmRestarts": lambda: {"T_0": rng.randint(1, 5), "T_mult": rng.choice([1, 2])},
            "OneCycleLR": lambda: {"max_lr": 0.1, "total_steps": 10 * MOST_BATCHES, "cycle_momentum": False},
            "ReduceLROnPlateau": lambda: {"patience": rng.randint(0, 2), "factor": 0.5, "cooldown": rng.choice([0, 1]), "min_lr": 0.0,
                                          "mode": rng.choice(["min", "max"])},
            "SequentialLR": lambda: {"milestones": [rng.randint(1, 4)], "schedulers": [
                {"class_path": "LinearLR", "init_args": {"total_iters": rng.randint(1, 4)}},
                {"class_path": "CosineAnnealingLR", "init_args": {"T_max": rng.randint(1, 9)}}]},
            "ChainedScheduler": lambda: {"schedulers": [
                {"class_path": "ConstantLR", "init_args": {"total_iters": rng.randint(1, 4)}},
                {"class_path": "ExponentialLR", "init_args": {"gamma": 0.9}}]},
            "CyclicLR": lambda: {"base_lr": 0.001, "max_lr": 0.1, "step_size_up": rng.randint(1, 5),
                                 "cycle_momentum": False},
        }[name]()
        interval = "step" if name in ("OneCycleLR", "CyclicLR") else rng.choice(["epoch", "step"])
        watched = {"monitor": rng.choice(["train_loss", "val_loss", "val_loss"]), "strict": self.chance(0.5)} \
            if name == "ReduceLROnPlateau" else {}
        return {"class_path": name, "init_args": arguments, "interval": interval,
                "frequency": rng.choice([1, 1, 2, 3]), **watched}

    def limit(self, batches, allow_none=False):
        """None, a number of batches, or a share that leaves at least one."""
        rng = self.rng
        if batches == 0 or self.chance(0.6):
            return None
        if self.chance(0.5):
            return rng.randint(0 if allow_none else 1, batches + 2)
        return rng.choice([share for share in (0.3, 0.5, 0.75, 1.0) if math.floor(batches * share) >= 1])

    def validation(self, batches):
        """When to validate, for so many training batches an epoch."""
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4:
            return {}
        if kind < 0.6:
            return {"val_check_interval": rng.choice([0.0, 0.25, 0.3, 0.5, 1.0]),
                    "check_val_every_n_epoch": rng.choice([1, 1, 2])}
        if kind < 0.8:
            return {"val_check_interval": rng.randint(1, batches), "check_val_every_n_epoch": rng.choice([1, 1, 2])}
        if kind < 0.9:
            return {"check_val_every_n_epoch": rng.randint(1, 3)}
        return {"val_check_interval": rng.randint(1, 2 * batches), "check_val_every_n_epoch": None}

    def duration(self, batches):
        rng, most_epochs = self.rng, max(1, min(5, MOST_BATCHES // batches))
        epochs = rng.randint(1, most_epochs)
        steps = rng.randint(1, max(1, epochs * batches))
        kind = rng.random()
        if kind < 0.7:
            return {"max_epochs": epochs}
        if kind < 0.85:
            return {"max_epochs": epochs, "max_steps": steps}
        return {"max_epochs": -1, "max_steps": max(1, steps // 4)}

    def checkpoint(self, monitors):
        rng = self.rng
        monitor = rng.choice([None, *monitors])
        arguments = {"monitor": monitor, "save_top_k": rng.choice([-1, 0, 1] if monitor is None else [-1, 1, 2, 3]),
                     "mode": "max" if monitor and monitor.endswith("acc") else "min",
                     "save_on_train_epoch_end": rng.choice([None, None, True, False]),
                     "save_weights_only": self.chance(0.2)}
        if self.chance(0.5):
            arguments[rng.choice(["every_n_train_steps", "every_n_epochs"])] = rng.randint(1, 4)
        if monitor is None and arguments["save_top_k"] != 0:
            arguments["save_last"] = self.chance(0.4) or None
        elif monitor and self.chance(0.5):
            arguments["filename"] = rng.choice(["{epoch}-{%s:.3f}", "m-{step:04d}-{%s}"]) % monitor
            arguments["auto_insert_metric_name"] = self.chance(0.7)
        return {"class_path": "ModelCheckpoint", "init_args": arguments}

    def callbacks(self, monitors):
        rng, drawn = self.rng, []
        if self.chance(0.35):
            drawn.append(self.early_stopping(monitors))
        for name, draw in self.other_callbacks().items():
            if name == "ModelPruning" and self.drawn_optimizer["class_path"] == "LBFGS":
                continue  # refused here: the model has no masks while that optimizer evaluates it
            if name in OWNERS and any(callback["class_path"] in OWNERS for callback in drawn):
                continue
            if self.chance({"LearningRateMonitor": 0.25, "BackboneFinetuning": 0.01}.get(name, 0.06)) and f"callback.{name}" in self.components:
                drawn.insert(rng.randint(0, len(drawn)), {"class_path": name, "init_args": draw()})
        if self.chance(0.5):
            drawn.insert(rng.randint(0, len(drawn)), self.checkpoint(monitors))
            if any(callback["class_path"] == "ModelPruning" for callback in drawn):
                for callback in drawn:  # Lightning makes pruning permanent in whole checkpoints alone, and cannot load the others
                    if callback["class_path"] == "ModelCheckpoint":
                        callback["init_args"]["save_weights_only"] = False
        return drawn

    def early_stopping(self, monitors):
        rng = self.rng
        monitor = rng.choice(monitors)
        arguments = {"monitor": monitor, "patience": rng.randint(0, 3), "min_delta": rng.choice([0.0, 0.05, 1.0]),
                     "mode": "max" if monitor.endswith("acc") and self.chance(0.8) else "min", "strict": self.chance(0.3),
                     "check_on_train_epoch_end": rng.choice([None, None, True, False])}
        if self.chance(0.2):
            arguments["check_finite"] = False
        if self.chance(0.2):
            arguments["stopping_threshold"] = rng.choice([0.1, 0.5, 0.9, 50.0])
        if self.chance(0.2):
            arguments["divergence_threshold"] = rng.choice([0.05, 0.7, 1.3, 60.0])
        return {"class_path": "EarlyStopping", "init_args": arguments}

    def pruning(self):
        rng = self.rng
        arguments = {"pruning_fn": rng.choice(["l1_unstructured", "random_unstructured"]), "amount": rng.choice([0.1, 0.5, 3, 0]),
                     "use_lottery_ticket_hypothesis": self.chance(0.5), "resample_parameters": self.chance(0.2),
                     "make_pruning_permanent": self.chance(0.8), "prune_on_train_epoch_end": self.chance(0.7)}
        if self.chance(0.3):
            arguments["parameters_to_prune"] = [r"net\.0\..*"]
        elif self.chance(0.3):
            arguments["parameter_names"] = ["weight"]
        if self.chance(0.3):
            arguments["use_global_unstructured"] = False
        elif self.chance(0.2):
            arguments.update(pruning_fn=rng.choice(["ln_structured", "random_structured"]), use_global_unstructured=False,
                             parameter_names=["weight"], pruning_dim=0, amount=rng.choice([0.3, 1]))
            if arguments["pruning_fn"] == "ln_structured":
                arguments["pruning_norm"] = rng.choice([1, 2])
        return arguments

    def other_callbacks(self):
        """Names, and what draws the arguments of each."""
        rng = self.rng
        has_decay = "weight_decay" in self.drawn_optimizer["init_args"]
        return {
            "LearningRateMonitor": lambda: {"logging_interval": rng.choice([None, "step", "epoch"]), "log_momentum": self.chance(0.5),
                                            "log_weight_decay": self.chance(0.3) and has_decay},
            "GradientAccumulationScheduler": lambda: {"scheduling": {
                str(epoch): rng.randint(1, 4) for epoch in sorted(rng.sample(range(5), rng.randint(1, 3)))}},
            "StochasticWeightAveraging": lambda: {
                "swa_lrs": rng.choice([0.01, 0.05, [0.02]]), "swa_epoch_start": rng.choice([1, 2, 3, 0.3, 0.5, 0.8]),
                "annealing_epochs": rng.randint(0, 3), "annealing_strategy": rng.choice(["cos", "linear"])},
            "WeightAveraging": lambda: {"use_buffers": self.chance(0.7)},
            "EMAWeightAveraging": lambda: {
                "decay": rng.choice([0.999, 0.9, 0.5]), "use_buffers": self.chance(0.7), "update_every_n_steps": rng.randint(1, 3),
                "update_starting_at_step": rng.choice([None, None, 2, 5]), "update_starting_at_epoch": rng.choice([None, None, 1])},
            "ModelPruning": self.pruning,
            "Timer": lambda: {"duration": rng.choice(["00:12:00:00", None, {"weeks": 1}, "00:00:00:00"]),
                              "interval": rng.choice(["step", "epoch"])},
            "SpikeDetection": lambda: {"window": rng.randint(1, 10), "warmup": rng.randint(0, 2), "rtol": rng.choice([2.0, 20.0]),
                                       "atol": rng.choice([None, 5.0]), "finite_only": self.chance(0.7),
                                       "exclude_batches_path": str(self.folder / "skip_batches.json")},
            "BackboneFinetuning": lambda: {"unfreeze_backbone_at_epoch": 1},  # no model here has a backbone
            "OnExceptionCheckpoint": lambda: {"dirpath": str(self.folder / "failed")},
        }

    def precision(self, trainer):
        rng, kind = self.rng, self.rng.random()
        if kind < 0.4:
            trainer["precision"] = rng.choice(["64-true", 64, "16-mixed", 16, "bf16-mixed", "bf16", "bf16-true", "16-true", "32"])
        elif kind < 0.45:  # a loss scaler, whose first steps may overflow
            trainer["plugins"] = [{"class_path": "MixedPrecision", "init_args": {
                "precision": "16-mixed", "device": self.accelerator, "scaler": rng.choice([
                    None, {"init_scale": 2.0 ** rng.randint(8, 127), "growth_interval": rng.randint(1, 5)}])}}]

    def trainer(self, data):
        rng = self.rng
        train_batches = len(data.train_dataloader())
        limit = self.limit(train_batches)
        batches = (train_batches if limit is None
                   else min(limit, train_batches) if isinstance(limit, int) else math.floor(train_batches * limit))
        val_batches = len(data.val_dataloader()) if data.val_dataloader else 0
        monitors = ["train_loss"]
        if val_batches > 0:
            monitors += ["val_loss", "val_acc" if data.is_classification else "val_rmse"]
        trainer = {
            "accelerator": self.accelerator, "devices": 1, "limit_train_batches": limit,
            "limit_val_batches": self.limit(val_batches, allow_none=True),
            "accumulate_grad_batches": rng.choice([1, 1, 1, 2, 3, 4]),
            "log_every_n_steps": rng.choice([0, 1, 2, 3, 5, 50, None]),
            "num_sanity_val_steps": rng.choice([0, 1, 2, -1, None]),
            "logger": [{"class_path": "CSVLogger", "init_args": {"save_dir": "runs"}}],
            **self.duration(batches), **self.validation(batches),
        }
        if self.chance(0.4):
            trainer["gradient_clip_val"] = rng.choice([0.001, 0.05, 0.5, 1])
            trainer["gradient_clip_algorithm"] = rng.choice([None, "norm", "value"])
        self.precision(trainer)
        if self.chance(0.15):
            trainer[rng.choice(["min_epochs", "min_steps"])] = rng.randint(1, 6)
        trainer["callbacks"] = self.callbacks(monitors)
        if not any(callback["class_path"] == "ModelCheckpoint" for callback in trainer["callbacks"]) and self.chance(0.2):
            trainer["enable_checkpointing"] = False
        self.debugging(trainer, batches, val_batches)
        self.small_print(trainer)
        self.keep_to_defined_numbers(trainer)
        self.leave_out_stops_below_the_minimum(trainer)
        if val_batches == 0:
            self.leave_out_intervals_of_no_validation(trainer)
        if self.chance(0.06):
            self.strip(trainer)
        return trainer

    def keep_to_defined_numbers(self, trainer):
        """PyTorch's fused SGD with momentum reads memory that nobody wrote where parameters have 16 bits; Lightning's
        lottery puts back first weights of 32 bits, copied before the weights were converted, and mostly fails then."""
        if trainer.get("precision") in ("bf16-true", "16-true") and self.drawn_optimizer["class_path"] == "SGD":
            self.drawn_optimizer["init_args"].pop("fused", None)
        if trainer.get("precision") in ("bf16-true", "16-true", "64-true", 64, "64"):
            for callback in trainer["callbacks"]:
                if callback["class_path"] == "ModelPruning":
                    callback["init_args"]["use_lottery_ticket_hypothesis"] = False

    @staticmethod
    def leave_out_stops_below_the_minimum(trainer):
        """EarlyStopping of Leyden takes a stop below min_epochs and min_steps back where the metric improves; Lightning's
        ends the run there (Differs: of early_stopping.h)."""
        if any(callback["class_path"] == "EarlyStopping" for callback in trainer["callbacks"]):
            trainer.pop("min_epochs", None)
            trainer.pop("min_steps", None)

    @staticmethod
    def leave_out_intervals_of_no_validation(trainer):
        """Lightning refuses a whole val_check_interval above the batches of an epoch where there are no validation rows
        too; Leyden lets it pass, since nothing is validated (resources/help/lightning-users.md)."""
        if isinstance(trainer.get("val_check_interval"), int):
            del trainer["val_check_interval"]

    def debugging(self, trainer, batches, val_batches):
        """Arguments that shorten or end a run, or look at it."""
        rng = self.rng
        if self.chance(0.07):
            trainer["fast_dev_run"] = rng.choice([True, 1, 2, 3, 5])
        if self.chance(0.1):
            trainer["overfit_batches"] = rng.choice(
                [1, 2, 3, 2.0, *(share for share in (0.5, 0.75, 1.0) if math.floor(min(batches, val_batches) * share) >= 1)])
        if self.chance(0.15):
            trainer["reload_dataloaders_every_n_epochs"] = rng.randint(1, 3)
        if self.chance(0.1):
            trainer["val_check_interval"] = rng.choice(
                ["00:00:00:00", "00:05:00:00", {"hours": 3}, {"seconds": 0}, "0:0:0:0"])
            for callback in trainer["callbacks"]:  # Lightning's EarlyStopping cannot choose by itself then
                if callback["class_path"] == "EarlyStopping":
                    callback["init_args"]["check_on_train_epoch_end"] = self.chance(0.5)
        if self.chance(0.1):
            trainer["max_time"] = rng.choice(["00:12:00:00", {"days": 2, "minutes": 1}, {"weeks": 1}, "00:00:00:00"])
        if self.chance(0.04):
            trainer.update(rng.choice([{"max_epochs": 0}, {"max_steps": 0}, {"limit_train_batches": 0},
                                       {"limit_train_batches": 0.0}, {"limit_val_batches": 0.0}]))
        if self.chance(0.1):
            trainer["detect_anomaly"] = True

    def small_print(self, trainer):
        """Arguments that change no number, and values that mean the same as others."""
        rng = self.rng
        rare = {
            "accelerator": ["auto"], "devices": ["1", "auto"], "strategy": ["auto"], "num_nodes": [1],
            "deterministic": [True, False, "warn"], "benchmark": [True, False], "inference_mode": [False, False],
            "use_distributed_sampler": [False], "sync_batchnorm": [True], "enable_autolog_hparams": [False],
            "limit_test_batches": [0, 1, 2.0, 0.5, 1.0], "limit_predict_batches": [1, 3, 0.5, 1.0],
            "num_sanity_val_steps": [-5, 3], "log_every_n_steps": [-2, -1], "check_val_every_n_epoch": [-2, -1],
            "gradient_clip_val": [0, -1.0, 0.1], "gradient_clip_algorithm": ["NORM", "Value"],
            "limit_train_batches": [2.0, 3.0], "limit_val_batches": [1.0, 2.0], "precision": [64, "64", 32, "32"],
            "logger": [False, []], "enable_checkpointing": [True], "model_registry": ["models"], "min_epochs": [3, 9], "min_steps": [4, 30],
        }
        for argument, values in rare.items():
            if not self.chance(0.05):
                continue
            if argument == "check_val_every_n_epoch" and trainer.get(argument, 1) is None:
                continue
            trainer[argument] = rng.choice(values)

    @staticmethod
    def strip(trainer):
        """A barebones run, without the arguments that it refuses."""
        for argument in ("logger", "log_every_n_steps", "num_sanity_val_steps", "fast_dev_run", "detect_anomaly",
                         "enable_checkpointing"):
            trainer.pop(argument, None)
        trainer["callbacks"] = [callback for callback in trainer["callbacks"]
                                if callback["class_path"] in ("EarlyStopping",)]
        trainer["barebones"] = True

    def config(self, folder):
        """A config that has training batches; files that it needs are written to `folder`."""
        self.folder = folder
        while True:
            data, model = self.data(folder), self.model()
            built = CSVData(**data["init_args"])
            rows = len(built.sets[0])
            batch_size = data["init_args"]["batch_size"]
            if model["init_args"]["batch_norm"] and rows % batch_size == 1:
                data["init_args"]["drop_last"] = True  # batch norm refuses to train on a single row
                built = CSVData(**data["init_args"])
            if rows > 2 and len(built.train_dataloader()) > 0:
                self.drawn_optimizer = self.optimizer()
                return {"schema": 1, "seed_everything": self.rng.randint(0, 2**32 - 1), "num_threads": 1, "model": model,
                        "data": data, "optimizer": self.drawn_optimizer, "lr_scheduler": self.scheduler(),
                        "trainer": self.trainer(built)}
