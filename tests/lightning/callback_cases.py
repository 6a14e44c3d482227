# SPDX-License-Identifier: GPL-3.0-or-later
"""The fits that record_callbacks.py records, by callback and case."""

SGD = {"class_path": "SGD", "init_args": {"lr": 0.1, "momentum": 0.9}}
ADAM = {"class_path": "Adam", "init_args": {"lr": 0.01, "weight_decay": 0.1}}
NAMED_GROUPS = {"class_path": "SGD", "init_args": {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.01, "param_groups": [
    {"params": "backbone.*", "lr": 0.02, "name": "body"}, {"params": "head.*", "name": "top"}]}}
TWO_GROUPS = {"class_path": "Adam", "init_args": {"lr": 0.01, "param_groups": [
    {"params": "head.*", "lr": 0.05, "weight_decay": 0.2}]}}
STEP_BY_EPOCH = {"class_path": "StepLR", "init_args": {"step_size": 1, "gamma": 0.5}, "interval": "epoch"}
STEP_BY_STEP = {"class_path": "StepLR", "init_args": {"step_size": 2, "gamma": 0.7}, "interval": "step"}
NAMED = {"class_path": "ExponentialLR", "init_args": {"gamma": 0.9}, "interval": "step", "name": "decay"}


def callback(name, **arguments):
    return {"class_path": name, "init_args": arguments}


def case(*used, optimizer=SGD, schedulers=(), max_epochs=3, more=None, **trainer):
    return {"optimizer": optimizer, "schedulers": list(schedulers), "callbacks": list(used),
            "trainer": {"max_epochs": max_epochs, **trainer}, **(more or {})}


def monitor(**arguments):
    return callback("LearningRateMonitor", **arguments)


LEARNING_RATE_MONITOR = {
    "plain": case(monitor()),
    "scheduler by epoch": case(monitor(), schedulers=[STEP_BY_EPOCH]),
    "scheduler by step": case(monitor(), schedulers=[STEP_BY_STEP], log_every_n_steps=2),
    "logged by epoch": case(monitor(logging_interval="epoch"), schedulers=[STEP_BY_STEP]),
    "logged by step": case(monitor(logging_interval="step"), schedulers=[STEP_BY_EPOCH]),
    "momentum": case(monitor(log_momentum=True, log_weight_decay=True)),
    "betas": case(monitor(log_momentum=True, log_weight_decay=True), optimizer=ADAM, schedulers=[STEP_BY_EPOCH]),
    "named groups": case(monitor(log_momentum=True, log_weight_decay=True), optimizer=NAMED_GROUPS, schedulers=[STEP_BY_STEP]),
    "unnamed groups": case(monitor(log_weight_decay=True), optimizer=TWO_GROUPS),
    "named scheduler": case(monitor(), schedulers=[NAMED]),
    "two schedulers": case(monitor(), schedulers=[STEP_BY_EPOCH, STEP_BY_STEP]),
    "two schedulers, one named": case(monitor(logging_interval="step"), schedulers=[NAMED, STEP_BY_STEP]),
    "cycled momentum": case(monitor(log_momentum=True), schedulers=[{
        "class_path": "OneCycleLR", "init_args": {"max_lr": 0.2, "total_steps": 15}, "interval": "step"}]),
    "accumulation": case(monitor(), schedulers=[STEP_BY_STEP], accumulate_grad_batches=2),
    "sanity check": case(monitor(), schedulers=[STEP_BY_EPOCH], num_sanity_val_steps=2),
    "never logged": case(monitor(), log_every_n_steps=0),
    "no logger": case(monitor(), more={"logger": False}),
    "equal names": case(monitor(), optimizer={"class_path": "SGD", "init_args": {"lr": 0.1, "param_groups": [
        {"params": "backbone.*", "name": "same"}, {"params": "head.*", "name": "same"}]}}),
    "no weight decay": case(monitor(log_weight_decay=True), optimizer={"class_path": "Rprop", "init_args": {"lr": 0.01}}),
}


def accumulation(**scheduling):
    return callback("GradientAccumulationScheduler", scheduling={key[1:]: value for key, value in scheduling.items()})


GRADIENT_ACCUMULATION_SCHEDULER = {
    "growing": case(accumulation(e0=1, e1=2, e2=4), max_epochs=4),
    "from a later epoch": case(accumulation(e2=3), max_epochs=4, gradient_clip_val=0.3),
    "falling": case(accumulation(e0=4, e1=2, e3=1), max_epochs=4, log_every_n_steps=2, schedulers=[STEP_BY_STEP]),
    "beyond an epoch": case(accumulation(e0=9), more={"model": {"dropout": 0.3}}),
    "empty": case(accumulation()),
    "zero batches": case(accumulation(e0=0)),
    "trainer accumulates too": case(accumulation(e0=2), accumulate_grad_batches=2),
}


def stopping(losses, max_epochs=None, trainer=None, val_name="val_loss", **arguments):
    return case(callback("EarlyStopping", **{"monitor": "val_loss", **arguments}), max_epochs=max_epochs or len(losses),
                more={"val_losses": losses, "val_name": val_name, "data": {"rows": 8, "val_rows": 4}}, **(trainer or {}))


EARLY_STOPPING = {
    "patience 3": stopping([6, 5, 5, 5, 5, 5]),
    "patience 1": stopping([6, 5, 4, 4, 3, 3], patience=1),
    "patience 0": stopping([6, 5, 5, 5], patience=0),
    "worse counts too": stopping([6, 5, 6, 5, 5, 5]),
    "largest": stopping([1, 2, 2, 1.5, 3, 3, 3, 3], mode="max", patience=2),
    "stopping threshold": stopping([9, 8, 7, 6, 5, 6, 4, 3, 2, 1], stopping_threshold=2.9),
    "stopping threshold that is met exactly": stopping([9, 2.9, 2.8, 1, 1], stopping_threshold=2.9),
    "stopping threshold of the largest": stopping([0.1, 0.7, 0.70000001, 0.8, 0.9], mode="max", stopping_threshold=0.7),
    "divergence threshold": stopping([9, 4, 2, 16, 32, 64], divergence_threshold=15.9),
    "divergence threshold that is met exactly": stopping([9, 4, 15.9, 16, 32], divergence_threshold=15.9),
    "divergence threshold of the largest": stopping([5, 0.3, 0.29, 7], mode="max", divergence_threshold=0.3),
    "not a number": stopping([9, 8, "NaN", 7, 6]),
    "infinite": stopping([9, 8, "-Infinity", 7, 6]),
    "not a number, unchecked": stopping([9, "NaN", 7, "NaN", "NaN", "NaN"], check_finite=False, patience=2),
    "min_delta": stopping([6, 5.6, 5.2, 4.8, 4.4, 4.0], min_delta=0.5, patience=2),
    "min_delta in float32": stopping([1.0, 0.9, 0.8, 0.7, 0.6], min_delta=0.1, patience=1),
    "min_delta of the largest": stopping([1.0, 1.1, 1.2, 1.3], mode="max", min_delta=0.1, patience=1),
    "min_epochs": stopping([6, 7, 8, 1, 9, 9, 9], patience=1, trainer={"min_epochs": 5}),
    "min_steps": stopping([6, 7, 8, 9, 9, 9], patience=1, trainer={"min_steps": 9}),
    "after validations": stopping([6, 5, 5, 5], max_epochs=4, patience=2, check_on_train_epoch_end=False,
                                  trainer={"val_check_interval": 1}),
    "at the end of epochs": stopping([6, 5, 5, 5], max_epochs=4, patience=2, check_on_train_epoch_end=True,
                                     trainer={"val_check_interval": 0.5}),
    "every second epoch": stopping([6, 5, 5, 5, 5, 5, 5, 5], patience=2, trainer={"check_val_every_n_epoch": 2}),
    "training metric": stopping([1] * 4, monitor="train_loss", patience=1, min_delta=1.0),
    "nobody logs it": stopping([1, 2], monitor="val_los"),
    "nobody logs it, not strict": stopping([1, 2, 3], monitor="val_los", strict=False),
    "sanity check": stopping([5, 6, 7], patience=1, trainer={"num_sanity_val_steps": 2}),
}


def swa(**arguments):
    return callback("StochasticWeightAveraging", **arguments)


BATCH_NORM = {"model": {"batch_norm": True}}
STOCHASTIC_WEIGHT_AVERAGING = {
    "plain": case(swa(swa_lrs=0.05), max_epochs=5),
    "share": case(swa(swa_lrs=0.05, swa_epoch_start=0.5, annealing_epochs=2), max_epochs=6, schedulers=[STEP_BY_EPOCH]),
    "from the first epoch": case(swa(swa_lrs=0.02, swa_epoch_start=1, annealing_epochs=0), max_epochs=4, optimizer=ADAM),
    "linear": case(swa(swa_lrs=0.01, swa_epoch_start=2, annealing_epochs=3, annealing_strategy="linear"), max_epochs=6),
    "replaces a scheduler by step": case(swa(swa_lrs=0.01, swa_epoch_start=3), max_epochs=5, schedulers=[STEP_BY_STEP]),
    "rate a group": case(swa(swa_lrs=[0.01, 0.03], swa_epoch_start=2), max_epochs=4, optimizer=TWO_GROUPS),
    "batch norm": case(swa(swa_lrs=0.05, swa_epoch_start=2), max_epochs=4, more={**BATCH_NORM, "traced": True}),
    "batch norm, dropout": case(swa(swa_lrs=0.05, swa_epoch_start=0.5), max_epochs=4, accumulate_grad_batches=2,
                                more={"model": {"batch_norm": True, "dropout": 0.2}}, schedulers=[STEP_BY_EPOCH]),
    "batch norm without validation": case(swa(swa_lrs=0.05, swa_epoch_start=2), max_epochs=3,
                                          more={**BATCH_NORM, "data": {"val_rows": 0}}),
    "batch norm, limited batches": case(swa(swa_lrs=0.05, swa_epoch_start=2), max_epochs=3, limit_train_batches=3,
                                        more=BATCH_NORM),
    "ended by steps": case(swa(swa_lrs=0.05, swa_epoch_start=1), max_epochs=4, max_steps=12, more=BATCH_NORM),
    "no limit of epochs": case(swa(swa_lrs=0.05, swa_epoch_start=2), max_epochs=-1, max_steps=17),
    "never reached": case(swa(swa_lrs=0.05, swa_epoch_start=9), max_epochs=3),
    "share without limit": case(swa(swa_lrs=0.05), max_epochs=-1, max_steps=7),
    "start 0": case(swa(swa_lrs=0.05, swa_epoch_start=0)),
    "share above 1": case(swa(swa_lrs=0.05, swa_epoch_start=1.5)),
    "rate 0": case(swa(swa_lrs=0.0)),
    "negative rate": case(swa(swa_lrs=[0.1, -0.1])),
    "too many rates": case(swa(swa_lrs=[0.1, 0.1], swa_epoch_start=1)),
    "two schedulers": case(swa(swa_lrs=0.05), schedulers=[STEP_BY_EPOCH, STEP_BY_STEP]),
}

WEIGHT_AVERAGING = {
    "plain": case(callback("WeightAveraging"), more={"traced": True}),
    "batch norm": case(callback("WeightAveraging"), more=BATCH_NORM, num_sanity_val_steps=2),
    "copied buffers": case(callback("WeightAveraging", use_buffers=False), more=BATCH_NORM),
    "accumulation": case(callback("WeightAveraging", device="cpu"), accumulate_grad_batches=2, optimizer=ADAM,
                         more={"model": {"dropout": 0.2}}),
    "validations within epochs": case(callback("WeightAveraging"), val_check_interval=2, more=BATCH_NORM),
}


def ema(**arguments):
    return callback("EMAWeightAveraging", **arguments)


EMA_WEIGHT_AVERAGING = {
    "plain": case(ema()),
    "batch norm": case(ema(decay=0.9), more=BATCH_NORM, num_sanity_val_steps=2),
    "copied buffers": case(ema(decay=0.8, use_buffers=False), more=BATCH_NORM, schedulers=[STEP_BY_EPOCH]),
    "every third step": case(ema(decay=0.5, update_every_n_steps=3)),
    "from a step on": case(ema(decay=0.5, update_starting_at_step=6), accumulate_grad_batches=2, optimizer=ADAM),
    "by epochs": case(ema(decay=0.5, update_every_n_steps=1000, update_starting_at_epoch=1), max_epochs=4),
    "by steps and epochs": case(ema(decay=0.7, update_every_n_steps=2, update_starting_at_step=3,
                                    update_starting_at_epoch=2), max_epochs=4, val_check_interval=2),
    "decay 0": case(ema(decay=0.0)),
    "decay above 1": case(ema(decay=1.5)),
}



def backbone(**arguments):
    return callback("BackboneFinetuning", **arguments)


ADAMW = {"class_path": "AdamW", "init_args": {"lr": 0.01, "weight_decay": 0.05}}
BACKBONE_FINETUNING = {
    "plain": case(backbone(unfreeze_backbone_at_epoch=2), max_epochs=6),
    "from the first epoch": case(backbone(unfreeze_backbone_at_epoch=0, lambda_func="1.5"), max_epochs=4, optimizer=ADAM),
    "never": case(backbone(), max_epochs=3),
    "batch norm": case(backbone(unfreeze_backbone_at_epoch=1, backbone_initial_ratio_lr=0.5), max_epochs=4, optimizer=ADAMW,
                       more={**BATCH_NORM, "amplifies_rounding": 5}),  # a bias before batch norm: Adam makes steps of noise
    "batch norm, momentum": case(backbone(unfreeze_backbone_at_epoch=1, backbone_initial_ratio_lr=0.5), max_epochs=4, more=BATCH_NORM,
                                 optimizer={"class_path": "SGD", "init_args": {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.05}}),
    "batch norm left out": case(backbone(unfreeze_backbone_at_epoch=1, train_bn=False, backbone_initial_lr=0.003), max_epochs=3,
                                more=BATCH_NORM),
    "not aligned": case(backbone(unfreeze_backbone_at_epoch=1, should_align=False, backbone_initial_ratio_lr=0.4,
                                 lambda_func="1 + epoch / 2"), max_epochs=5),
    "scheduler": case(backbone(unfreeze_backbone_at_epoch=1, lambda_func="1.2"), max_epochs=5, schedulers=[STEP_BY_EPOCH]),
    "momentum and dropout": case(backbone(unfreeze_backbone_at_epoch=2, backbone_initial_lr=0.05), max_epochs=5,
                                 optimizer={"class_path": "RMSprop", "init_args": {"lr": 0.005, "momentum": 0.5}},
                                 more={"model": {"dropout": 0.3}}),
    "two groups": case(backbone(unfreeze_backbone_at_epoch=1), max_epochs=2, optimizer=TWO_GROUPS),
}


def pruning(method="l1_unstructured", **arguments):
    return callback("ModelPruning", pruning_fn=method, **arguments)


NO_LOTTERY = {"use_lottery_ticket_hypothesis": False}
STRUCTURED = {"use_global_unstructured": False, "parameter_names": ["weight"], "pruning_dim": 0}
MODEL_PRUNING = {
    "plain": case(pruning(), max_epochs=4),
    "no lottery": case(pruning(amount=0.3, **NO_LOTTERY), max_epochs=4),
    "adam, no lottery": case(pruning(amount=0.25, **NO_LOTTERY), max_epochs=4, optimizer=ADAM, accumulate_grad_batches=2),
    "no validation": case(pruning(amount=0.3, **NO_LOTTERY), max_epochs=4, more={"data": {"val_rows": 0}}),
    "lottery without validation": case(pruning(amount=0.3), max_epochs=4, more={"data": {"val_rows": 0}}),
    "clipped": case(pruning(amount=0.3, **NO_LOTTERY), max_epochs=3, gradient_clip_val=0.1),
    "by number": case(pruning(amount=5), max_epochs=4),
    "random": case(pruning("random_unstructured", amount=0.2), max_epochs=4, more={"model": {"dropout": 0.2}}),
    "resampled": case(pruning(amount=0.3, resample_parameters=True), max_epochs=4, more=BATCH_NORM),
    "each tensor by itself": case(pruning(amount=0.3, use_global_unstructured=False, **NO_LOTTERY), max_epochs=4),
    "random, each tensor by itself": case(pruning("random_unstructured", amount=0.4, use_global_unstructured=False), max_epochs=3),
    "weights alone": case(pruning(amount=0.4, parameter_names=["weight"], **NO_LOTTERY), max_epochs=3),
    "by pattern": case(pruning(amount=0.5, parameters_to_prune=["backbone.*weight", "head.bias"], **NO_LOTTERY), max_epochs=3),
    "structured": case(pruning("ln_structured", amount=0.3, pruning_norm=2, **STRUCTURED, **NO_LOTTERY,
                               parameters_to_prune=["backbone.*weight"]), max_epochs=4),
    "structured by number": case(pruning("ln_structured", amount=1, pruning_norm=1, **STRUCTURED,
                                              parameters_to_prune=["backbone.*weight"]), max_epochs=4),
    "random channels": case(pruning("random_structured", amount=2, **STRUCTURED, **NO_LOTTERY,
                                    parameters_to_prune=["backbone.*weight"]), max_epochs=3),
    "after validations": case(pruning(amount=0.2, prune_on_train_epoch_end=False, **NO_LOTTERY), max_epochs=3,
                              val_check_interval=2, num_sanity_val_steps=2),
    "masks kept": case(pruning(amount=0.3, make_pruning_permanent=False, **NO_LOTTERY), max_epochs=3, more=BATCH_NORM),
    "everything": case(pruning(amount=1.0), max_epochs=3),
    "nothing": case(pruning(amount=0), max_epochs=2),
    "switched off": case(pruning(apply_pruning=False), max_epochs=2),
    "too much": case(pruning(amount=1000)),
    "unknown": case(pruning("l3_unstructured")),
    "structured and global": case(pruning("ln_structured", pruning_norm=2, pruning_dim=0)),
    "structured without dimension": case(pruning("random_structured", use_global_unstructured=False)),
    "without norm": case(pruning("ln_structured", use_global_unstructured=False, pruning_dim=0)),
    "structured biases": case(pruning("random_structured", use_global_unstructured=False, pruning_dim=0)),
    "unknown name": case(pruning(parameter_names=["gamma"])),
    "verbosity 3": case(pruning(verbose=3)),
}


def spikes(losses, max_epochs=2, more=None, **arguments):
    return case(callback("SpikeDetection", **arguments), max_epochs=max_epochs, more={"train_losses": losses, **(more or {})})


CALM = [5.0, 4.5, 4.2, 4.4, 4.1, 4.0, 3.9, 4.3, 3.8, 3.9]
SPIKE_DETECTION = {
    "calm": spikes(CALM),
    "spike": spikes([5.0, 4.5, 4.2, 20.0, 4.1]),
    "spike in the second epoch": spikes([*CALM[:7], 30.0]),
    "not a number": spikes([5.0, 4.5, "NaN"]),
    "infinite, not checked": spikes([5.0, 4.5, "Infinity", 4.0, 4.1, 4.2, 4.3], finite_only=False),
    "not a number, not checked": spikes([5.0, 4.5, "NaN", 4.0, 4.1, 4.2, 4.3], finite_only=False),
    "warmup": spikes([5.0, 50.0, 4.0, 4.1, 4.2, 50.0, 4.0, 4.0, 4.0, 4.0], warmup=2),
    "first batch": spikes([50.0, 4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6, 4.7, 4.8], warmup=0),
    "largest is best": spikes([1.0, 2.0, 1.9, 0.1, 0.1], mode="max", rtol=0.5),
    "absolute": spikes([5.0, 4.5, 4.9, 6.0, 9.0], atol=3.0, rtol=None),
    "short window": spikes([5.0, 4.0, 1.0, 1.1, 1.0, 1.2, 3.1], window=2, rtol=1.5),
    "long run": spikes([*CALM, *CALM], max_epochs=4, window=3, atol=0.5, rtol=3.0),
    "accumulation": {**spikes(CALM), "trainer": {"max_epochs": 2, "accumulate_grad_batches": 2}},
    "64 bits": {**spikes(CALM, atol=0.1, rtol=0.05), "trainer": {"max_epochs": 2, "precision": "64-true"}},
    "64 bits, far": {**spikes(CALM, rtol=0.5), "trainer": {"max_epochs": 2, "precision": "64-true"}},
}


def timed(*used, seconds=None, **arguments):
    more = {"seconds": seconds or {"batch": 0.25, "validation": 0.5, "validation_batch": 0.125}, **arguments.pop("more", {})}
    return case(*used, more=more, **arguments)


TIMER = {
    "measures": timed(callback("Timer")),
    "by step": timed(callback("Timer", duration={"seconds": 3.0}), max_epochs=9),
    "by epoch": timed(callback("Timer", duration={"seconds": 3.0}, interval="epoch"), max_epochs=9),
    "as text": timed(callback("Timer", duration="00:00:00:02", verbose=False), max_epochs=9),
    "no limit of epochs": timed(callback("Timer", duration="00:00:00:05"), max_epochs=None),
    "min_epochs": timed(callback("Timer", duration={"seconds": 1.0}), max_epochs=9, min_epochs=3),
    "over before it begins": timed(callback("Timer", duration={"seconds": 0.0})),
    "sanity check": timed(callback("Timer", duration={"seconds": 3.0}), max_epochs=9, num_sanity_val_steps=2),
    "no time": timed(callback("Timer", duration="1:2:3:4")),
    "no interval": timed(callback("Timer", duration="00:00:00:02", interval="batch")),
}


def throughput(**arguments):
    return callback("ThroughputMonitor", **arguments)


THROUGHPUT_MONITOR = {
    "plain": timed(throughput(window_size=4)),
    "window not full": timed(throughput()),
    "flops": timed(throughput(window_size=3), more={"model": {"flops_per_batch": 1000}}),
    "share of the device": timed(throughput(window_size=3, available_flops=1e6), more={"model": {"flops_per_batch": 1000}}),
    "lengths": timed(throughput(window_size=3, items=7, separator="|")),
    "validations within epochs": timed(throughput(window_size=2), val_check_interval=2, num_sanity_val_steps=2),
    "logged seldom": timed(throughput(window_size=2), log_every_n_steps=3),
    "accumulation": timed(throughput(window_size=3), accumulate_grad_batches=2),
    "no validation": timed(throughput(window_size=2), more={"data": {"val_rows": 0}}),
    "lengths too small": timed(throughput(items=0)),
}

CASES = {
    "backbone_finetuning": BACKBONE_FINETUNING,
    "model_pruning": MODEL_PRUNING,
    "spike_detection": SPIKE_DETECTION,
    "timer": TIMER,
    "throughput_monitor": THROUGHPUT_MONITOR,
    "learning_rate_monitor": LEARNING_RATE_MONITOR,
    "gradient_accumulation_scheduler": GRADIENT_ACCUMULATION_SCHEDULER,
    "early_stopping": EARLY_STOPPING,
    "stochastic_weight_averaging": STOCHASTIC_WEIGHT_AVERAGING,
    "weight_averaging": WEIGHT_AVERAGING,
    "ema_weight_averaging": EMA_WEIGHT_AVERAGING,
}
