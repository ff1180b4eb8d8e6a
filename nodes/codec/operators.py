"""What a sound model's program may be made of: an allow-list of torch's operators, read from the compiled program.

Text can be written in many ways; what it compiles to can't. Listed are mathematics, shapes, lists and words; not what
reads or writes files, talks to other processes, or takes the bounds of memory on trust. Whatever isn't listed is named.
"""

from collections.abc import Iterator
from typing import Any

from .interface import CodecError

MOST_NAMED = 5
FLOW = """
Constant GetAttr SetAttr CallMethod CallFunction CreateObject TupleConstruct TupleUnpack TupleIndex TupleSlice
ListConstruct ListUnpack DictConstruct DictIndex If Loop Return Param isinstance unchecked_cast
unchecked_unwrap_optional Uninitialized NumToTensor
ImplicitTensorToNum RaiseException Print dtype device layout data requires_grad is_cpu is_cuda
is_meta is_mkldnn is_mps is_nested is_quantized is_sparse is_sparse_csr is_xpu min max abs rangelist tolist type index
itemsize nbytes name hasattr Function Closure Enter Exit EnumName EnumValue StringIndex ModuleContainerIndex
ConstantChunk shape TupleIndex AutogradZero"""
WORDS = """Bool Complex ComplexImplicit Delete Float FloatImplicit Int IntImplicit ScalarImplicit Size append bin
capitalize center chr clear copy count dict divmod endswith expandtabs extend find format get hash hex insert isalnum
isalpha isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper item items join keys len
list ljust lower lstrip oct ord partition percentFormat pop popitem remove replace reverse rfind rindex rjust
rpartition rsplit rstrip setdefault slice sorted split splitlines startswith str strip swapcase title update upper
values zfill _set_item __getitem__ __contains__ __is__ __isnot__ __not__ __and__ __or__ __xor__ __lshift__ __rshift__
__range_length __derive_index __round_to_zero_floordiv __iand__ __ior__ __ixor__ __ilshift__ __irshift__ __interpolate
_unwrap_optional _list_to_tensor _tensor_to_list _get_tracing_state is_scripting warn list_with_default"""
SHAPES = """adjoint alias arange argwhere as_tensor atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes
broadcast_tensors broadcast_to cat chunk clone column_stack combinations complex concat concatenate constant_pad_nd
contiguous cpu cuda detach diag diag_embed diagflat diagonal dim dsplit dstack element_size empty empty_like expand
expand_as eye fill flatten flip fliplr flipud full full_like gather get_device hsplit hstack imag index index_add
index_copy index_fill index_put index_select is_complex is_conj is_contiguous is_floating_point is_leaf is_neg
is_nonzero is_same_size is_signed kron lift lift_fresh linspace logspace mH mT masked_fill masked_scatter masked_select
matrix_H meshgrid moveaxis movedim narrow new_empty new_full new_ones new_zeros nonzero numel numpy_T one_hot ones
ones_like pad pad_sequence permute pixel_shuffle pixel_unshuffle polar ravel real reflection_pad1d reflection_pad2d
reflection_pad3d repeat repeat_interleave replication_pad1d replication_pad2d replication_pad3d reshape reshape_as
resolve_conj resolve_neg roll rot90 row_stack scalar_tensor scatter scatter_add scatter_reduce select select_scatter
size slice slice_scatter sort split_with_sizes squeeze stack storage_offset stride swapaxes swapdims t take
take_along_dim tensor tensor_split tile to transpose tril tril_indices triu triu_indices type_as unbind unflatten unfold
unsafe_chunk unsafe_split unsafe_split_with_sizes unsqueeze vander view view_as view_as_complex view_as_real vsplit
vstack where zero zeros zeros_like _cast_Float _cast_Double _cast_Int _cast_Long _pad_circular _pad_enum _reshape_copy
_shape_as_tensor _stack _cat _to_copy _unsafe_view channel_shuffle native_channel_shuffle can_cast result_type
promote_types is_inference retain_grad retains_grad requires_grad is_grad_enabled set_grad_enabled"""
MATHEMATICS = """abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr all allclose amax amin aminmax
angle any arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort asin asinh atan atan2 atanh baddbmm
bincount bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm bucketize
cartesian_prod cdist ceil chain_matmul cholesky clamp clamp_max clamp_min clip conj conj_physical copysign corrcoef cos
cosh cosine_similarity count_nonzero cov cross cummax cummin cumprod cumsum cumulative_trapezoid deg2rad degrees det
diff digamma dist div divide dot einsum eq equal erf erfc erfinv exp exp2 expm1 fabs factorial fix float_power floor
floor_divide floordiv fmax fmin fmod frac frexp frobenius_norm gamma gcd ge ger gradient greater greater_equal
heaviside histc hypot i0 igamma igammac inner inverse isclose isfinite isin isinf isnan isneginf isposinf isreal
kthvalue lcm ldexp le lerp less less_equal lgamma linalg_cholesky linalg_cross linalg_det linalg_diagonal linalg_eig
linalg_eigh linalg_eigvals linalg_eigvalsh linalg_inv linalg_lstsq linalg_lu linalg_matmul linalg_matrix_exp
linalg_matrix_norm linalg_matrix_power linalg_matrix_rank linalg_multi_dot linalg_norm linalg_pinv linalg_qr
linalg_slogdet linalg_solve linalg_svd linalg_svdvals linalg_vander linalg_vecdot linalg_vector_norm log log10 log1p
log2 logaddexp logaddexp2 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit logsumexp lt matmul
mathremainder matrix_exp matrix_power max maximum mean median min minimum mm mode modf msort mul multiply mv mvlgamma
nan_to_num nanmean nanmedian nanquantile nansum ne neg negative nextafter norm not_equal nuclear_norm outer
pairwise_distance pinverse polygamma positive pow prod qr quantile rad2deg radians reciprocal remainder renorm round
rsqrt rsub searchsorted sgn sigmoid sign signbit sin sinc sinh special_bessel_j0 special_bessel_j1 special_digamma
special_entr special_erf special_erfc special_erfinv special_exp2 special_expit special_expm1 special_gammaln special_i0
special_i0e special_i1 special_i1e special_log1p special_log_softmax special_logit special_logsumexp
special_modified_bessel_i0 special_modified_bessel_i1 special_ndtr special_ndtri special_round special_sinc
special_softmax special_xlog1py special_xlogy sqrt square std std_mean sub subtract sum sum_to_size svd tan tanh
tensordot topk trace trapezoid trapz true_divide trunc unique_consecutive unique_dim _unique _unique2 var var_mean vdot
xlogy _softmax _log_softmax _is_all_true _is_any_true _conj _linalg_svd _linalg_det gt"""
LAYERS = """adaptive_avg_pool1d adaptive_avg_pool2d adaptive_max_pool1d adaptive_max_pool2d alpha_dropout avg_pool1d
avg_pool2d avg_pool3d batch_norm bilinear celu col2im conv1d conv2d conv3d conv_transpose1d conv_transpose2d
conv_transpose3d convolution _convolution _convolution_mode dropout elu embedding feature_dropout gelu glu grid_sampler
grid_sampler_2d group_norm gru gru_cell hardshrink hardsigmoid hardswish hardtanh im2col instance_norm layer_norm
leaky_relu linear log_sigmoid log_softmax lstm lstm_cell max_pool1d max_pool1d_with_indices max_pool2d
max_pool2d_with_indices mish native_dropout native_group_norm native_layer_norm norm_except_dim
prelu relu relu6 rms_norm rnn_relu rnn_relu_cell rnn_tanh rnn_tanh_cell rrelu scaled_dot_product_attention selu silu
softmax softplus softshrink threshold upsample_bicubic2d upsample_bilinear2d upsample_linear1d upsample_nearest1d
upsample_nearest2d upsample_nearest3d upsample_trilinear3d _upsample_nearest_exact1d _upsample_nearest_exact2d
_upsample_nearest_exact3d _upsample_bilinear2d_aa _upsample_bicubic2d_aa _upsample_lanczos2d_aa adaptive_avg_pool3d
adaptive_max_pool3d max_pool3d _weight_norm l1_loss mse_loss kl_div
conv_tbc affine_grid_generator cudnn_is_acceptable
_native_multi_head_attention _transformer_encoder_layer_fwd"""
SPECTRA = """bartlett_window blackman_window fft_fft fft_fft2 fft_fftfreq fft_fftn fft_fftshift fft_hfft fft_ifft
fft_ifft2 fft_ifftn fft_ifftshift fft_ihfft fft_irfft fft_irfft2 fft_irfftn fft_rfft fft_rfft2 fft_rfftfreq fft_rfftn
hamming_window hann_window istft kaiser_window stft"""
CHANCE = """bernoulli binomial exponential log_normal multinomial normal poisson rand rand_like randint randint_like
randn randn_like random randperm uniform cauchy geometric manual_seed initial_seed"""
SMALL_NUMBERS = """dequantize int_repr q_scale q_zero_point q_per_channel_scales q_per_channel_zero_points
q_per_channel_axis qscheme quantize_per_tensor quantize_per_tensor_dynamic quantize_per_channel
fake_quantize_per_tensor_affine fake_quantize_per_channel_affine quantized_lstm quantized_gru"""
QUANTIZED = """add add_relu add_scalar add_scalar_relu batch_norm batch_norm1d batch_norm1d_relu batch_norm2d
batch_norm2d_relu batch_norm_relu cat cat_relu celu clamp conv1d conv1d_dynamic conv1d_prepack conv1d_relu conv1d_unpack
conv2d conv2d_dynamic conv2d_prepack conv2d_relu conv2d_unpack conv_prepack conv_unpack conv_transpose1d
conv_transpose1d_dynamic conv_transpose1d_prepack conv_transpose1d_unpack conv_transpose2d conv_transpose2d_dynamic
conv_transpose2d_prepack conv_transpose2d_unpack dropout elu group_norm hardswish instance_norm layer_norm leaky_relu
linear linear_dynamic linear_dynamic_fp16 linear_leaky_relu linear_prepack linear_prepack_fp16 linear_relu
linear_relu_dynamic linear_relu_dynamic_fp16 linear_tanh linear_unpack linear_unpack_fp16 make_quantized_cell_params
make_quantized_cell_params_dynamic make_quantized_cell_params_fp16 matmul max_pool1d max_pool2d mul mul_relu mul_scalar
mul_scalar_relu prelu quantized_gru_cell_dynamic quantized_lstm_cell_dynamic quantized_rnn_relu_cell_dynamic
quantized_rnn_tanh_cell_dynamic relu6 sigmoid softmax threshold conv1d_stride conv1d_padding"""
# In place (``add_``) is allowed with the operator itself.
ALLOWED = frozenset(
    [f"prim::{one}" for one in FLOW.split()]
    + [f"aten::{one}" for text in (WORDS, SHAPES, MATHEMATICS, LAYERS, SPECTRA) for one in text.split()]
    + [f"aten::{one}" for text in (CHANCE, SMALL_NUMBERS) for one in text.split()]
    + [f"quantized::{one}" for one in QUANTIZED.split()]
)
# Kinds of listed operators that read past their tensors, as their sums are not checked.
UNBOUNDED = ("aten::repeat_interleave.Tensor", "aten::repeat_interleave.self_Tensor")
KNOWN_HARM = {
    "aten::save": "writes files (torch.save)",
    "aten::load": "reads files (torch.load)",
    "aten::from_file": "reads or overwrites files (from_file)",
    "prim::fork": "starts work in the background (fork, wait)",
    "aten::wait": "starts work in the background (fork, wait)",
    "prim::awaitable": "starts work in the background (fork, wait)",
    "prim::rpc_async": "talks to other computers (rpc)",
    "prim::rpc_sync": "talks to other computers (rpc)",
    "prim::rpc_remote": "talks to other computers (rpc)",
}
FOREIGN_CLASSES = "__torch__.torch.classes."
# Compiled classes that belong to models of torch's own.
CLASSES = ("quantized.", "rnn.", "xnnpack.", "mkldnn.")


def check_operators(functions: "list[Any]", name: str) -> None:
    """Raise CodecError, naming them, when a compiled program uses operators or classes that are not allowed.

    functions: all of a compilation unit's, which are all that its modules, classes and functions can call.
    """
    used: dict[str, None] = {}
    classes: dict[str, None] = {}
    for function in functions:
        for node in _nodes(function.graph):
            kind = node.kind()
            schema = str(node.schema()).partition("(")[0] if kind == "aten::repeat_interleave" else kind
            used[schema if schema in UNBOUNDED else kind] = None
            if node.kind() == "prim::CreateObject":
                classes[str(node.output().type())] = None
    harm = [KNOWN_HARM[one] for one in used if one in KNOWN_HARM]
    if harm:
        raise CodecError(f"{name} is rejected: its code {harm[0]}, which no audio model needs")
    foreign = [one for one in used if not is_allowed(one)]
    foreign += [one for one in classes if FOREIGN_CLASSES in one and not _is_known_class(one)]
    if foreign:
        more = f" and {len(foreign) - MOST_NAMED} more" if len(foreign) > MOST_NAMED else ""
        raise CodecError(
            f"{name} is rejected: its code uses operators that no known audio model needs "
            f"({', '.join(foreign[:MOST_NAMED])}{more}); export it without"
        )


def is_allowed(kind: str) -> bool:
    """Whether a model's program may use an operator."""
    return kind in ALLOWED or (kind.endswith("_") and kind.startswith("aten::") and kind[:-1] in ALLOWED)


def _is_known_class(name: str) -> bool:
    return name.partition(FOREIGN_CLASSES)[2].startswith(CLASSES)


def _nodes(graph: Any) -> Iterator[Any]:
    """Every node of a graph or block, those inside others too."""
    for node in graph.nodes():
        yield node
        for block in node.blocks():
            yield from _nodes(block)
        for attribute in node.attributeNames():
            if node.kindOf(attribute) == "g":
                yield from _nodes(node.g(attribute))
            elif node.kindOf(attribute) == "gs":
                for inner in node.gs(attribute):
                    yield from _nodes(inner)
