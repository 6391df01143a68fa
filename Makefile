# SPDX-License-Identifier: Apache-2.0
# 每一条日常命令。Every command we use; `make` alone lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
SOURCES := src tests bench tools
export PYTHONUTF8 := 1
unexport PYTHONDONTWRITEBYTECODE  # what is compiled once starts twice as fast
export DJANGO_SETTINGS_MODULE := tongban.config.settings

.PHONY: help
help: ## 列出全部命令
	@echo "通办 Tongban"
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 14 | sed 's/^/  make /'

# 环境 environment

.PHONY: setup
setup: $(STAMP)/installed ## 建立 .venv 并安装锁定的依赖

$(STAMP)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新的版本(现在是 $$($(PYTHON) --version 2>&1))。" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "缺少 python3-venv：请先运行 apt-get install -y python3-venv。" >&2; exit 1; }
	@echo "建立 Python 环境 $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/runtime: requirements.lock $(STAMP)/venv
	@echo "安装锁定的依赖(第一次需要一两分钟)"
	@$(PIP) install -qq --progress-bar off --require-hashes --no-deps -r requirements.lock
	@touch $@

# The package itself is found where it stands; an editable install would need its build tool at run time.
$(STAMP)/installed: pyproject.toml $(STAMP)/runtime
	@$(BIN)/python -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_path("purelib"), "tongban.pth").write_text(str(pathlib.Path("src").resolve()))'
	@printf '#!/bin/sh\nexec "%s/python" -m tongban.cli "$$@"\n' "$(CURDIR)/$(BIN)" > $(BIN)/tongban
	@chmod +x $(BIN)/tongban
	@touch $@

$(STAMP)/dev: requirements-dev.lock $(STAMP)/installed
	@echo "安装开发和测试用的依赖"
	@$(PIP) install -qq --progress-bar off --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

.PHONY: lock
lock: $(STAMP)/dev ## 依 requirements*.in 重写锁文件
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11 requirements.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-header --no-annotate --python-version 3.11 -c requirements.lock requirements-dev.in -o requirements-dev.lock

# 演示 demo

.PHONY: demo
demo: setup ## 五个节点的演示环境，Ctrl-C 停止
	@exec $(BIN)/python -m tongban.cli demo up

.PHONY: demo-check
demo-check: setup ## 通过真实 HTTP 走完一件事并逐步核对
	@exec $(BIN)/python -m tongban.cli demo check

.PHONY: demo-status
demo-status: setup ## 演示环境的节点、地址和进程
	@exec $(BIN)/python -m tongban.cli demo status

.PHONY: demo-stop
demo-stop: setup ## 停止在后台运行的演示环境
	@exec $(BIN)/python -m tongban.cli demo stop

.PHONY: demo-reset
demo-reset: setup ## 停止演示环境并删除它的全部数据
	@exec $(BIN)/python -m tongban.cli demo reset

# 检查 checks

.PHONY: check
check: $(STAMP)/dev ## 格式、类型、导入方向、迁移、锁文件
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run # no database is needed
	$(BIN)/python tools/locks.py
	$(BIN)/python tools/reference.py --check

.PHONY: browser
browser: $(STAMP)/dev
	@bash tools/browser.sh

LIGHTHOUSE := tools/lighthouse/node_modules/.package-lock.json

$(LIGHTHOUSE): tools/lighthouse/package-lock.json | $(STAMP)/dev
	@echo "安装 Lighthouse"
	@bash tools/lighthouse/install.sh "$(CURDIR)/$(BIN)/python"

INTEROP := tests/interop/node_modules/.package-lock.json

$(INTEROP): tests/interop/package-lock.json | $(STAMP)/dev
	@echo "安装登录互通测试所用的 oidc-provider 和 openid-client"
	@bash tests/interop/install.sh "$(CURDIR)/$(BIN)/python"

.PHONY: test
# Three at once on two processors: each waits for a database or a browser a tenth of its time.
test: browser $(INTEROP) ## 全部测试，不到十分钟
	$(BIN)/python -m pytest -n 3 --dist loadgroup -m 'not slow' $(ARGS)

.PHONY: soak
soak: $(STAMP)/dev ## 联邦模拟器长跑，写入记录：SEEDS=5000 跑多少个种子；SEED=123 只重演一个
	$(if $(SEED),$(BIN)/python -m pytest tests/federation/test_simulation.py -k nothing_is_lost $(ARGS),$(BIN)/python tools/verify.py soak)

.PHONY: verify
verify: browser $(LIGHTHOUSE) $(INTEROP) ## 长时间的验证，结果写入 docs/reference/verification/
	$(BIN)/python tools/verify.py

.PHONY: crash-matrix
crash-matrix: $(STAMP)/dev ## 在每一步杀死每个进程，再核对：不丢、不重、账本完好
	$(BIN)/python tools/verify.py crash-matrix

.PHONY: bench
bench: $(STAMP)/dev ## 与对照同场测量，结果写入 bench/history/
	$(BIN)/python -m bench $(ARGS)

.PHONY: docs
docs: $(STAMP)/dev ## 重写由程序生成的参考文档
	$(BIN)/python tools/reference.py
	$(BIN)/python tools/protocol_schemas.py

.PHONY: clean
clean: ## 删除环境和缓存(演示数据请用 make demo-reset)
	rm -rf $(VENV) tools/lighthouse/node_modules tests/interop/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
