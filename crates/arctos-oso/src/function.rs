//! Functions of up to sixteen parameters, as classes take them.

/// A function whose parameters are a tuple.
pub trait Function<Args = ()>: Send + Sync + 'static {
    /// What it returns.
    type Result;

    /// Calls it.
    fn invoke(&self, args: Args) -> Self::Result;
}

/// A function with a receiver, whose other parameters are a tuple.
pub trait Method<Receiver, Args = ()>: Send + Sync + 'static {
    /// What it returns.
    type Result;

    /// Calls it.
    fn invoke(&self, receiver: &Receiver, args: Args) -> Self::Result;
}

/// Calls a macro with one to sixteen type names.
macro_rules! up_to_sixteen {
    ($($macro:ident)::+) => {
        $($macro)::+!(A);
        $($macro)::+!(A B);
        $($macro)::+!(A B C);
        $($macro)::+!(A B C D);
        $($macro)::+!(A B C D E);
        $($macro)::+!(A B C D E F);
        $($macro)::+!(A B C D E F G);
        $($macro)::+!(A B C D E F G H);
        $($macro)::+!(A B C D E F G H I);
        $($macro)::+!(A B C D E F G H I J);
        $($macro)::+!(A B C D E F G H I J K);
        $($macro)::+!(A B C D E F G H I J K L);
        $($macro)::+!(A B C D E F G H I J K L M);
        $($macro)::+!(A B C D E F G H I J K L M N);
        $($macro)::+!(A B C D E F G H I J K L M N O);
        $($macro)::+!(A B C D E F G H I J K L M N O P);
    };
}
pub(crate) use up_to_sixteen;

impl<F: Fn() -> R + Send + Sync + 'static, R> Function<()> for F {
    type Result = R;

    fn invoke(&self, (): ()) -> R {
        self()
    }
}

impl<F: Fn(&T) -> R + Send + Sync + 'static, T, R> Method<T, ()> for F {
    type Result = R;

    fn invoke(&self, receiver: &T, (): ()) -> R {
        self(receiver)
    }
}

/// Implements [`Function`] and [`Method`] for functions of one number of parameters.
macro_rules! functions {
    ($($name:ident)*) => {
        impl<Fun, Res, $($name),*> Function<($($name,)*)> for Fun
        where
            Fun: Fn($($name),*) -> Res + Send + Sync + 'static,
        {
            type Result = Res;

            #[expect(non_snake_case, reason = "the type parameters name the arguments")]
            fn invoke(&self, ($($name,)*): ($($name,)*)) -> Res {
                self($($name),*)
            }
        }

        impl<Fun, Res, This, $($name),*> Method<This, ($($name,)*)> for Fun
        where
            Fun: Fn(&This, $($name),*) -> Res + Send + Sync + 'static,
        {
            type Result = Res;

            #[expect(non_snake_case, reason = "the type parameters name the arguments")]
            fn invoke(&self, this: &This, ($($name,)*): ($($name,)*)) -> Res {
                self(this, $($name),*)
            }
        }
    };
}

up_to_sixteen!(functions);
