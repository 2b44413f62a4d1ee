! Roessler's system as a plug-in for PhaseFlow, in Fortran 2003:
!     x' = -y - z,   y' = x + a y,   z' = b + z (x - c)          (Roessler 1976)
! The types below are the structures of phaseflow_plugin.h, field by field; what a program need not know stays
! c_null_ptr. Build and use:
!     gfortran -O2 -fPIC -shared -o rossler.so rossler.f90
!     phaseflow plugins check ./rossler.so
!     phaseflow run --system "./rossler.so(a: 0.2)" --out rossler
module rossler
  use, intrinsic :: iso_c_binding
  implicit none
  private
  public :: phaseflow_plugin_entry

  type, bind(c) :: parameter_t
    integer(c_size_t) :: struct_size
    type(c_ptr) :: name
    real(c_double) :: default_value, minimum, maximum
    type(c_ptr) :: summary = c_null_ptr
    integer(c_int32_t) :: is_integer = 0
  end type

  type, bind(c) :: system_t
    integer(c_size_t) :: struct_size
    type(c_ptr) :: name, summary = c_null_ptr, citation = c_null_ptr
    integer(c_size_t) :: parameter_count = 0
    type(c_ptr) :: parameters = c_null_ptr, context = c_null_ptr
    type(c_funptr) :: create = c_null_funptr, destroy = c_null_funptr
    real(c_double) :: initial_time = 0, final_time = 0
    type(c_funptr) :: dimension, initial_state, derivative
    type(c_funptr) :: component_name = c_null_funptr, jacobian = c_null_funptr
    type(c_funptr) :: jacobian_vector_product = c_null_funptr, spectral_radius = c_null_funptr
    integer(c_size_t) :: event_count = 0
    type(c_ptr) :: events = c_null_ptr
    integer(c_size_t) :: invariant_count = 0
    type(c_ptr) :: invariant_names = c_null_ptr
    type(c_funptr) :: invariants = c_null_funptr
  end type

  type, bind(c) :: plugin_t
    integer(c_size_t) :: struct_size
    integer(c_int32_t) :: abi_version
    integer(c_size_t) :: activation_count = 0
    type(c_ptr) :: activations = c_null_ptr
    integer(c_size_t) :: loss_count = 0
    type(c_ptr) :: losses = c_null_ptr
    integer(c_size_t) :: observer_count = 0
    type(c_ptr) :: observers = c_null_ptr
    type(c_ptr) :: version = c_null_ptr
    integer(c_size_t) :: system_count = 0
    type(c_ptr) :: systems = c_null_ptr
    integer(c_size_t) :: integrator_count = 0
    type(c_ptr) :: integrators = c_null_ptr
  end type

  ! Everything stays where it is for the life of the process.
  character(kind=c_char, len=*), parameter :: nul = c_null_char
  character(kind=c_char, len=8), target, save :: system_name = c_char_"rossler"//nul
  character(kind=c_char, len=22), target, save :: system_summary = c_char_"chaos with one scroll"//nul
  character(kind=c_char, len=2), target, save :: names(3) = &
    [c_char_"a"//nul, c_char_"b"//nul, c_char_"c"//nul]
  character(kind=c_char, len=4), target, save :: version = c_char_"1.0"//nul
  type(parameter_t), target, save :: parameters(3)
  type(c_ptr), target, save :: parameter_list(3), system_list(1)
  type(system_t), target, save :: system
  type(plugin_t), target, save :: plugin

contains

  function create(context, values, instance) bind(c, name='') result(reason)
    type(c_ptr), value :: context
    real(c_double), intent(in) :: values(3)
    type(c_ptr), intent(out) :: instance
    type(c_ptr) :: reason
    real(c_double), pointer :: abc(:)
    allocate (abc(3))
    abc = values
    instance = c_loc(abc)
    reason = c_null_ptr
  end function

  subroutine destroy(instance) bind(c, name='')
    type(c_ptr), value :: instance
    real(c_double), pointer :: abc(:)
    call c_f_pointer(instance, abc, [3])
    deallocate (abc)
  end subroutine

  function dimension_of(instance) bind(c, name='') result(n)
    type(c_ptr), value :: instance
    integer(c_size_t) :: n
    n = 3
  end function

  function initial_state(instance, y) bind(c, name='') result(reason)
    type(c_ptr), value :: instance
    real(c_double), intent(out) :: y(3)
    type(c_ptr) :: reason
    y = [1, 1, 0]
    reason = c_null_ptr
  end function

  function derivative(instance, t, y, dy) bind(c, name='') result(reason)
    type(c_ptr), value :: instance
    real(c_double), value :: t
    real(c_double), intent(in) :: y(3)
    real(c_double), intent(out) :: dy(3)
    type(c_ptr) :: reason
    real(c_double), pointer :: abc(:)
    call c_f_pointer(instance, abc, [3])
    dy(1) = -y(2) - y(3)
    dy(2) = y(1) + abc(1) * y(2)
    dy(3) = abc(2) + y(3) * (y(1) - abc(3))
    reason = c_null_ptr
  end function

  function jacobian(instance, t, y, j) bind(c, name='') result(reason)
    type(c_ptr), value :: instance
    real(c_double), value :: t
    real(c_double), intent(in) :: y(3)
    real(c_double), intent(inout) :: j(3, 3)
    type(c_ptr) :: reason
    real(c_double), pointer :: abc(:)
    call c_f_pointer(instance, abc, [3])
    ! Column by column, as Fortran has it and the header asks for.
    j(:, 1) = [0d0, 1d0, y(3)]
    j(:, 2) = [-1d0, abc(1), 0d0]
    j(:, 3) = [-1d0, 0d0, y(1) - abc(3)]
    reason = c_null_ptr
  end function

  function phaseflow_plugin_entry() bind(c) result(table)
    type(c_ptr) :: table
    real(c_double), parameter :: defaults(3) = [0.2d0, 0.2d0, 5.7d0]
    integer :: i
    do i = 1, 3
      parameters(i)%struct_size = c_sizeof(parameters(i))
      parameters(i)%name = c_loc(names(i))
      parameters(i)%default_value = defaults(i)
      parameters(i)%minimum = -100
      parameters(i)%maximum = 100
      parameter_list(i) = c_loc(parameters(i))
    end do
    system%struct_size = c_sizeof(system)
    system%name = c_loc(system_name)
    system%summary = c_loc(system_summary)
    system%parameter_count = 3
    system%parameters = c_loc(parameter_list)
    system%create = c_funloc(create)
    system%destroy = c_funloc(destroy)
    system%final_time = 100
    system%dimension = c_funloc(dimension_of)
    system%initial_state = c_funloc(initial_state)
    system%derivative = c_funloc(derivative)
    system%jacobian = c_funloc(jacobian)
    system_list(1) = c_loc(system)
    plugin%struct_size = c_sizeof(plugin)
    plugin%abi_version = 1
    plugin%version = c_loc(version)
    plugin%system_count = 1
    plugin%systems = c_loc(system_list)
    table = c_loc(plugin)
  end function
end module
