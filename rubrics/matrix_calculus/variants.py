"""Right answers in many notations: whole hand-ins that must get every mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rubrics.matrix_calculus.written import forward_text, steps_text, whole

_SHEETS_TABLE = r"""| Layer | Input | Output |
| :--- | :----: | ---: |
| $\text{Linear}_1$ | $\boldsymbol{x}$ | $\boldsymbol{z}_1 = \boldsymbol{W^{(1)}}\boldsymbol{x} + \boldsymbol{b^{(1)}}$ |
| $f$ | $\boldsymbol{z}_1$ | $\boldsymbol{z}_2 = \text{ReLU}(\boldsymbol{z}_1)$ |
| $\text{Linear}_2$ | $\boldsymbol{z}_2$ | $\boldsymbol{z}_3 = \boldsymbol{W^{(2)}}\boldsymbol{z}_2 + \boldsymbol{b^{(2)}}$ |
| $g$ | $\boldsymbol{z}_3$ | $\boldsymbol{\hat{y}} = \boldsymbol{z}_3$ |
| Loss | $\boldsymbol{\hat{y}}, \boldsymbol{y}$ | $\Vert \boldsymbol{y} - \boldsymbol{\hat{y}} \Vert^2$ |"""
_OWN_NAMES = """- Linear 1: input x, output h = W1 x + b1
- ReLU: input h, output a = max(0, h)
- Linear 2: input a, output o = W2 a + b2
- identity: input o, output yhat = o
- MSE: input (yhat, y), output (y - yhat)^T (y - yhat)"""
_ARROWS = """Linear_1: x → W₁x + b₁
f: W₁x + b₁ → max(0, W₁x + b₁)
Linear_2: max(0, W₁x + b₁) → W₂ max(0, W₁x + b₁) + b₂
g: W₂ max(0, W₁x + b₁) + b₂ → W₂ max(0, W₁x + b₁) + b₂
Loss: (ŷ, y) → ‖y − ŷ‖²"""
_TABULAR = r"""\begin{tabular}{|l|c|c|}
\hline
Layer & Input & Output \\ \hline
Linear$_1$ & $\mathbf{x}$ & $\mathbf{z}_1=\mathbf{W}^{(1)}\mathbf{x}+\mathbf{b}^{(1)}$ \\ \hline
$f$ & $\mathbf{z}_1$ & $\mathbf{z}_2=\max(\mathbf{0},\mathbf{z}_1)$ \\ \hline
Linear$_2$ & $\mathbf{z}_2$ & $\mathbf{z}_3=\mathbf{W}^{(2)}\mathbf{z}_2+\mathbf{b}^{(2)}$ \\ \hline
$g$ & $\mathbf{z}_3$ & $\hat{\mathbf{y}}=\mathbf{z}_3$ \\ \hline
Loss & $\mathbf{y},\hat{\mathbf{y}}$ & $\lVert\mathbf{y}-\hat{\mathbf{y}}\rVert_2^2$ \\ \hline
\end{tabular}"""
_INDENTED = """Linear_1
  Input: x
  Output: W1 x + b1
f
  Input: z1
  Output: z2 = ReLU(z1)
Linear_2
  Input: z2
  Output: z3 = W2 z2 + b2
g
  Input: z3
  Output: yhat = z3
Loss
  Input: yhat and y
  Output: ||yhat - y||^2"""
_ACROSS = """| | Linear_1 | f | Linear_2 | g | Loss |
|---|---|---|---|---|---|
| Input | x | z_1 | z_2 | z_3 | ŷ, y |
| Output | z_1 = W_1 x + b_1 | z_2 = ReLU(z_1) | z_3 = W_2 z_2 + b_2 | ŷ = z_3 | |y - ŷ|^2 |"""
_HTML = """<table><tr><th>Layer</th><th>Input</th><th>Output</th></tr>
<tr><td>fc1</td><td>x</td><td>W1x + b1</td></tr>
<tr><td>relu</td><td>W1x + b1</td><td>max(0, W1x + b1)</td></tr>
<tr><td>fc2</td><td>max(0, W1x + b1)</td><td>W2 max(0, W1x + b1) + b2</td></tr>
<tr><td>g</td><td>W2 max(0, W1x + b1) + b2</td><td>W2 max(0, W1x + b1) + b2</td></tr>
<tr><td>loss</td><td>y, yhat</td><td>||y - yhat||²</td></tr></table>"""

_PLAIN = """dL/dW1 = x dL/dyhat dyhat/dz3 W2 dz2/dz1
dL/db1 = dL/dyhat dyhat/dz3 W2 dz2/dz1
dL/dW2 = max(0, W1 x + b1) dL/dyhat dyhat/dz3
dL/db2 = dL/dyhat dyhat/dz3"""
_UNICODE = """* ∂ℓ/∂W₁ = x · ∂ℓ/∂ŷ · ∂ŷ/∂z₃ · W₂ · ∂z₂/∂z₁
* ∂ℓ/∂b₁ = ∂ℓ/∂ŷ · ∂ŷ/∂z₃ · W₂ · ∂z₂/∂z₁
* ∂ℓ/∂W₂ = (W₁x + b₁)⁺ · ∂ℓ/∂ŷ · ∂ŷ/∂z₃
* ∂ℓ/∂b₂ = ∂ℓ/∂ŷ · ∂ŷ/∂z₃"""
_ALIGNED = r"""$$
\begin{align*}
\frac{\partial l}{\partial \boldsymbol{W}^{(2)}} &= \operatorname{ReLU}(\boldsymbol{W}^{(1)}\boldsymbol{x}+\boldsymbol{b}^{(1)})
  \frac{\partial l}{\partial \hat{\boldsymbol{y}}}\frac{\partial \hat{\boldsymbol{y}}}{\partial \boldsymbol{z}_3} \\
\frac{\partial l}{\partial \boldsymbol{b}^{(2)}} &= \frac{\partial l}{\partial \hat{\boldsymbol{y}}}\frac{\partial \hat{\boldsymbol{y}}}{\partial \boldsymbol{z}_3} \\
\frac{\partial l}{\partial \boldsymbol{W}^{(1)}} &= \boldsymbol{x}\frac{\partial l}{\partial \hat{\boldsymbol{y}}}
  \frac{\partial \hat{\boldsymbol{y}}}{\partial \boldsymbol{z}_3}\boldsymbol{W}^{(2)}\frac{\partial \boldsymbol{z}_2}{\partial \boldsymbol{z}_1} \\
\frac{\partial l}{\partial \boldsymbol{b}^{(1)}} &= \frac{\partial l}{\partial \hat{\boldsymbol{y}}}
  \frac{\partial \hat{\boldsymbol{y}}}{\partial \boldsymbol{z}_3}\boldsymbol{W}^{(2)}\frac{\partial \boldsymbol{z}_2}{\partial \boldsymbol{z}_1}
\end{align*}
$$"""
_BY_LAYER = r"""| Layer | Gradient w.r.t. $W$ | Gradient w.r.t. $b$ |
|---|---|---|
| $\text{Linear}_1$ | $x\frac{∂l}{∂ŷ}W_2\frac{∂z_2}{∂z_1}$ | $\frac{∂l}{∂ŷ}W_2\frac{∂z_2}{∂z_1}$ |
| $\text{Linear}_2$ | $f(W_1x+b_1)\frac{∂l}{∂ŷ}$ | $\frac{∂l}{∂ŷ}$ |"""
_TRANSPOSED = r"""1. $\frac{\partial l}{\partial W_1}=\left(\left(\frac{\partial z_2}{\partial z_1}\right)^\top W_2^\top\left(\frac{\partial l}{\partial\hat y}\right)^\top x^\top\right)^\top$
2. $\frac{\partial l}{\partial b_1}=\left(W_2^\top\left(\frac{\partial l}{\partial\hat y}\right)^\top\right)^\top\frac{\partial z_2}{\partial z_1}$
3. $\frac{\partial l}{\partial W_2}=\left(\left(\frac{\partial l}{\partial\hat y}\right)^\top\max(0,x^\top W_1^\top+b_1^\top)\right)^\top$
4. $\frac{\partial l}{\partial b_2}=I\frac{\partial l}{\partial\hat y}$"""
_WRITTEN_OUT = """W1: 2 x (W2 ReLU(W1 x + b1) + b2 - y)^T W2 diag(W1 x + b1 > 0)
b1: 2 (W2 ReLU(W1 x + b1) + b2 - y)^T W2 diag(W1 x + b1 > 0)
W2: 2 ReLU(W1 x + b1) (W2 ReLU(W1 x + b1) + b2 - y)^T
b2: -2 (y - W2 ReLU(W1 x + b1) - b2)^T"""
_NUMPY = """dW1 = x @ dl_dyhat @ dyhat_dz3 @ W2 @ dz2_dz1
db1 = dl_dyhat @ dyhat_dz3 @ W2 @ dz2_dz1
dW2 = np.maximum(0, W1 @ x + b1) @ dl_dyhat @ dyhat_dz3
db2 = dl_dyhat @ dyhat_dz3"""
_CHAINED = r"""Let $\delta_3 = \frac{\partial l}{\partial \hat y}\frac{\partial \hat y}{\partial z_3}$.

$\delta_1 = \delta_3 W^{(2)} \frac{\partial z_2}{\partial z_1}$

The gradient with respect to $W^{(1)}$ is
$$x\,\delta_1$$
The gradient with respect to $b^{(1)}$ is
$$\delta_1$$
The gradient with respect to $W^{(2)}$ is
$$\text{ReLU}(W^{(1)}x+b^{(1)})\,\delta_3$$
The gradient with respect to $b^{(2)}$ is
$$\delta_3$$"""
_ITEMS = r"""\begin{itemize}
\item $\nabla_{W^{(1)}} l = x \frac{\partial l}{\partial \hat{y}} W^{(2)} \frac{\partial z_2}{\partial z_1}$
\item $\nabla_{b^{(1)}} l = \frac{\partial l}{\partial \hat{y}} W^{(2)} \frac{\partial z_2}{\partial z_1}$
\item $\nabla_{W^{(2)}} l = \max\{0, W^{(1)} x + b^{(1)}\} \frac{\partial l}{\partial \hat{y}}$
\item $\nabla_{b^{(2)}} l = \frac{\partial l}{\partial \hat{y}}$
\end{itemize}"""
_ELEMENTWISE = r"""$$\frac{\partial l}{\partial b^{(1)}} = \left(\frac{\partial l}{\partial\hat y}W^{(2)}\right)\odot \mathbb{1}[W^{(1)}x+b^{(1)}>0]^\top$$
$$\frac{\partial l}{\partial W^{(1)}} = x\left(\left(\frac{\partial l}{\partial\hat y}W^{(2)}\right)\odot \mathbb{1}[W^{(1)}x+b^{(1)}>0]^\top\right)$$
$$\frac{\partial l}{\partial W^{(2)}} = (W^{(1)}x+b^{(1)})^{+}\frac{\partial l}{\partial\hat y}, \quad \frac{\partial l}{\partial b^{(2)}} = \frac{\partial l}{\partial\hat y}$$"""
_SHEETS_NAMES = r"""| Parameter | Gradient |
|---|---|
| $W^{(2)}$ | $z_2\frac{\partial l}{\partial\hat y}\frac{\partial\hat y}{\partial z_3}$ |
| $b^{(2)}$ | $\frac{\partial l}{\partial\hat y}\frac{\partial\hat y}{\partial z_3}$ |
| $W^{(1)}$ | $x\frac{\partial l}{\partial\hat y}\frac{\partial\hat y}{\partial z_3}W^{(2)}\frac{\partial z_2}{\partial z_1}$ |
| $b^{(1)}$ | $\frac{\partial l}{\partial\hat y}\frac{\partial\hat y}{\partial z_3}W^{(2)}\frac{\partial z_2}{\partial z_1}$ |"""

_CODE = """```python
optimizer.zero_grad()
y_hat = model(x)
loss = criterion(y_hat, y)
loss.backward()
optimizer.step()
```"""
_SPANISH = steps_text((
    "Poner a cero los gradientes", "Propagación hacia adelante", "Calcular la pérdida", "Propagación hacia atrás",
    "Actualizar los pesos",
))  # fmt: skip
_CHINESE = steps_text(("前向传播", "计算损失", "梯度清零", "反向传播", "更新参数"))
_SYMBOLS = steps_text((
    r"$\hat y = W_2 f(W_1x+b_1)+b_2$", r"$l=\|y-\hat y\|^2$", r"$\frac{\partial l}{\partial W_i}=0$",
    r"$\frac{\partial l}{\partial W_i}$ by the chain rule", r"$W_i\leftarrow W_i-\eta\frac{\partial l}{\partial W_i}$",
))  # fmt: skip
_PROSE = (
    "First we set the gradients to zero, then we feed x forward through the network. Then we compute the loss. "
    "After that we backpropagate. Finally we update the weights."
)

VARIANTS: Final[Mapping[str, str]] = {
    "sheet's own forward table": whole(forward=_SHEETS_TABLE, backward=_SHEETS_NAMES),
    "own names": whole(forward=_OWN_NAMES, backward=_PLAIN),
    "arrows": whole(forward=_ARROWS, backward=_UNICODE),
    "tabular": whole(forward=_TABULAR, backward=_ITEMS),
    "indented": whole(forward=_INDENTED, backward=_WRITTEN_OUT),
    "layers across": whole(forward=_ACROSS, backward=_BY_LAYER),
    "html table": whole(forward=_HTML, backward=_NUMPY),
    "aligned": whole(backward=_ALIGNED),
    "transposed twice": whole(backward=_TRANSPOSED),
    "chained": whole(backward=_CHAINED),
    "elementwise": whole(backward=_ELEMENTWISE),
    "steps as code": whole(steps=_CODE),
    "steps in Spanish": whole(steps=_SPANISH),
    "steps in Chinese": whole(steps=_CHINESE),
    "steps in symbols": whole(steps=_SYMBOLS),
    "steps in prose": whole(steps=_PROSE),
    "written out": whole(forward=forward_text()),
}
